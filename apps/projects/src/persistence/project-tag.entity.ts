import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity({ name: 'project_tag' })
export class ProjectTagEntity {
  @PrimaryColumn({ type: 'text' })
  id: string;

  @Column({ name: 'project_id', type: 'text' })
  projectId: string;

  @Column({ type: 'text' })
  key: string;

  /** Empty for a tag without one. */
  @Column({ type: 'text' })
  value: string;

  /** Tags are listed in the order in which they came. */
  @Column({ type: 'bigint', insert: false, update: false })
  position: string;
}
