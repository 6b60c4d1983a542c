import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One row: since when nothing may be applied, or null. */
@Entity({ name: 'apply_lock' })
export class ApplyLockEntity {
  @PrimaryColumn({ type: 'int' })
  id: number;

  @Column({ type: 'timestamptz', nullable: true })
  since: Date | null;
}
