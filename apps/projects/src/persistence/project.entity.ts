import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity({ name: 'project' })
export class ProjectEntity {
  @PrimaryColumn({ type: 'text' })
  id: string;

  @Column({ name: 'organization_id', type: 'text' })
  organizationId: string;

  /** Unique in its organization in either case. */
  @Column({ type: 'text' })
  name: string;

  @Column({ type: 'text', nullable: true })
  description: string | null;

  @Column({ name: 'auto_destroy_activity_duration', type: 'text', nullable: true })
  autoDestroyActivityDuration: string | null;

  /** Null for the organization's. */
  @Column({ name: 'default_execution_mode', type: 'text', nullable: true })
  defaultExecutionMode: 'remote' | 'local' | null;

  /** True for the one that the organization was born with. */
  @Column({ name: 'is_default', type: 'boolean' })
  isDefault: boolean;

  @Column({ name: 'created_at', type: 'timestamptz', default: () => 'now()' })
  createdAt: Date;
}
