import type { ExecutionState, PlanSummary, RunOrigin } from '@terramesh/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/**
 * What the execution knows of its lock. `wanted`: ask for it; `held`: ours; `releasing`: to be given back; `guarding`: to
 * be marked as belonging to a lost apply; `kept`: held for a person; `none`: nothing to do any more.
 */
export type LockState = 'wanted' | 'held' | 'releasing' | 'guarding' | 'kept' | 'none';

@Entity({ name: 'execution' })
export class ExecutionEntity {
  @PrimaryColumn({ type: 'text' }) id: string;
  @Column({ type: 'text', name: 'run_id' }) runId: string;
  @Column({ type: 'int' }) ordinal: number;
  /** `<hostname>/<repository>` in lower case, as hosts compare them: what the queue is fair between. */
  @Column({ type: 'text', name: 'repository_key' }) repositoryKey: string;
  /** Its run's. */
  @Column({ type: 'text' }) origin: RunOrigin;
  @Column({ type: 'text' }) directory: string;
  @Column({ type: 'text', name: 'terraform_workspace' }) terraformWorkspace: string;
  @Column({ type: 'text' }) name: string;
  @Column({ type: 'int', name: 'execution_order_group' }) executionOrderGroup: number;
  @Column({ type: 'jsonb', name: 'depends_on' }) dependsOn: string[];
  @Column({ type: 'text' }) state: ExecutionState;
  /** Null: any worker may claim it. */
  @Column({ type: 'text', name: 'waiting_for', nullable: true }) waitingFor: string | null;
  @Column({ type: 'timestamptz', name: 'cancel_requested_at', nullable: true }) cancelRequestedAt: Date | null;
  @Column({ type: 'text', name: 'lock_state' }) lockState: LockState;
  @Column({ type: 'int', name: 'lock_fence', nullable: true }) lockFence: number | null;
  /** True when the lock was taken over from an apply whose outcome is unknown. */
  @Column({ type: 'boolean', name: 'lock_inherited' }) lockInherited: boolean;
  @Column({ type: 'int', name: 'lease_epoch' }) leaseEpoch: number;
  @Column({ type: 'text', name: 'lease_owner', nullable: true }) leaseOwner: string | null;
  @Column({ type: 'timestamptz', name: 'lease_expires_at', nullable: true }) leaseExpiresAt: Date | null;
  /** How often a worker was lost with it. */
  @Column({ type: 'int' }) losses: number;
  @Column({ type: 'text', name: 'bundle_id', nullable: true }) bundleId: string | null;
  @Column({ type: 'jsonb', nullable: true }) plan: PlanSummary | null;
  @Column({ type: 'text', nullable: true }) problem: string | null;
  @Column({ type: 'timestamptz', name: 'queued_at' }) queuedAt: Date;
  @Column({ type: 'timestamptz', name: 'started_at', nullable: true }) startedAt: Date | null;
  @Column({ type: 'timestamptz', name: 'finished_at', nullable: true }) finishedAt: Date | null;
}
