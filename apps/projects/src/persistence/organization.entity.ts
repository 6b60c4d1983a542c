import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { OrganizationSettings } from '../domain/organization-settings.js';

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
