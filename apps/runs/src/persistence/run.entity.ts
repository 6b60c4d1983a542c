import type {
  ApplyLimits,
  Misfit,
  RunKind,
  RunOrigin,
  RunOutcome,
  RunStatus,
  StartRun,
  VcsType,
} from '@terramesh/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity({ name: 'run' })
export class RunEntity {
  @PrimaryColumn({ type: 'text' }) id: string;
  @Column({ type: 'text' }) kind: RunKind;
  @Column({ type: 'text' }) status: RunStatus;
  @Column({ type: 'text', nullable: true }) outcome: RunOutcome | null;
  @Column({ type: 'text' }) type: VcsType;
  @Column({ type: 'text' }) hostname: string;
  @Column({ type: 'text' }) repository: string;
  @Column({ type: 'text', name: 'clone_url' }) cloneUrl: string;
  @Column({ type: 'text' }) ref: string;
  @Column({ type: 'int', nullable: true }) pull: number | null;
  @Column({ type: 'jsonb' }) projects: string[];
  @Column({ type: 'jsonb' }) paths: { directory: string; workspace: string }[];
  /** Every target instead of `projects` and `paths`. */
  @Column({ type: 'boolean', name: 'every_target' }) everyTarget: boolean;
  @Column({ type: 'text' }) origin: RunOrigin;
  @Column({ type: 'text', name: 'expected_commit', nullable: true }) expectedCommit: string | null;
  @Column({ type: 'jsonb', nullable: true }) limits: ApplyLimits | null;
  @Column({ type: 'text' }) misfits: StartRun['misfits'];
  @Column({ type: 'jsonb', name: 'left_out', insert: false }) leftOut: Misfit[];
  @Column({ type: 'text', name: 'user_name' }) userName: string;
  @Column({ type: 'text', nullable: true }) commit: string | null;
  @Column({ type: 'text', name: 'error_code', nullable: true }) errorCode: string | null;
  @Column({ type: 'text', name: 'error_message', nullable: true }) errorMessage: string | null;
  @Column({ type: 'timestamptz', name: 'created_at' }) createdAt: Date;
  @Column({ type: 'timestamptz', name: 'started_at', nullable: true }) startedAt: Date | null;
  @Column({ type: 'timestamptz', name: 'finished_at', nullable: true }) finishedAt: Date | null;
  @Column({ type: 'timestamptz', name: 'cancel_requested_at', nullable: true }) cancelRequestedAt: Date | null;
  @Column({ type: 'text', name: 'idempotency_key', nullable: true }) idempotencyKey: string | null;
  @Column({ type: 'text', name: 'request_hash' }) requestHash: string;
  /** The lease on resolving the run; executions have their own. */
  @Column({ type: 'int', name: 'lease_epoch' }) leaseEpoch: number;
  @Column({ type: 'text', name: 'lease_owner', nullable: true }) leaseOwner: string | null;
  @Column({ type: 'timestamptz', name: 'lease_expires_at', nullable: true }) leaseExpiresAt: Date | null;
  @Column({ type: 'int' }) losses: number;
}
