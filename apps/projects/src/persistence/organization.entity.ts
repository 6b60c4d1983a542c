import type { OrganizationSettings } from '@terramesh/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity({ name: 'organization' })
export class OrganizationEntity {
  /** `org-…` */
  @PrimaryColumn({ type: 'text' })
  id: string;

  @Column({ type: 'text' })
  name: string;

  @Column({ type: 'text' })
  email: string;

  /** Only what differs from the defaults. */
  @Column({ type: 'jsonb' })
  settings: Partial<OrganizationSettings>;

  @Column({ name: 'created_at', type: 'timestamptz' })
  createdAt: Date;
}
