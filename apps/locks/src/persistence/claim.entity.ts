import type { LockGuard } from '@terramesh/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A hold of a key or a place in the line for it. Rows are written in sets, by `ClaimRepository`. */
@Entity({ name: 'claims' })
export class ClaimEntity {
  /** The ticket: the order of arrival over all keys. */
  @PrimaryColumn({ type: 'bigint' })
  ticket: string;

  /** `keyId` of the five columns of the key. */
  @Column({ name: 'key_id', type: 'text' })
  keyId: string;

  @Column({ type: 'text' })
  hostname: string;

  @Column({ type: 'text' })
  repository: string;

  @Column({ type: 'text' })
  directory: string;

  @Column({ name: 'terraform_workspace', type: 'text' })
  terraformWorkspace: string;

  @Column({ name: 'target_name', type: 'text' })
  targetName: string;

  /** `lockName` of the key. */
  @Column({ type: 'text' })
  name: string;

  /** Null for a pull request. */
  @Column({ name: 'run_id', type: 'text', nullable: true })
  runId: string | null;

  @Column({ type: 'bigint', nullable: true })
  pull: string | null;

  /** Null while it waits. */
  @Column({ type: 'bigint', nullable: true })
  fence: string | null;

  @Column({ type: 'text' })
  guard: LockGuard;

  @Column({ name: 'user_name', type: 'text' })
  userName: string;

  @Column({ type: 'text' })
  url: string;

  @Column({ type: 'text' })
  reason: string;

  @Column({ name: 'joined_at', type: 'timestamptz' })
  joinedAt: Date;

  /** When it was granted; null while it waits. */
  @Column({ name: 'held_since', type: 'timestamptz', nullable: true })
  heldSince: Date | null;
}
