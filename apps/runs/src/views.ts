// Rows → contract shapes.
import { type Execution, ExecutionId, RunId, type RunSummary, type Target } from '@terramesh/contracts';
import type { ExecutionEntity } from './persistence/execution.entity.js';
import type { RunEntity } from './persistence/run.entity.js';

const time = (at: Date | null) => at?.toISOString() ?? null;

export function runSummaryOf(run: RunEntity): RunSummary {
  return {
    id: RunId.parse(run.id),
    kind: run.kind,
    status: run.status,
    outcome: run.outcome,
    origin: run.origin,
    type: run.type,
    hostname: run.hostname,
    repository: run.repository,
    ref: run.ref,
    pull: run.pull,
    commit: run.commit,
    error: run.errorCode === null ? null : { code: run.errorCode, message: run.errorMessage ?? '' },
    createdAt: run.createdAt.toISOString(),
    startedAt: time(run.startedAt),
    finishedAt: time(run.finishedAt),
    cancelRequestedAt: time(run.cancelRequestedAt),
  };
}

export function executionOf(row: ExecutionEntity): Execution {
  return {
    id: ExecutionId.parse(row.id),
    target: targetOf(row),
    executionOrderGroup: row.executionOrderGroup,
    dependsOn: row.dependsOn,
    state: row.state,
    waitingFor: row.waitingFor,
    cancelRequestedAt: time(row.cancelRequestedAt),
    plan: row.plan,
    problem: row.problem,
    epoch: row.leaseEpoch,
    startedAt: time(row.startedAt),
    finishedAt: time(row.finishedAt),
  };
}

function targetOf(row: Pick<ExecutionEntity, 'directory' | 'terraformWorkspace' | 'name'>): Target {
  return { directory: row.directory, terraformWorkspace: row.terraformWorkspace, name: row.name };
}
