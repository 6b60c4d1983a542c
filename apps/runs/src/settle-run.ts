// What follows when an execution of a run has changed: the next ones may start, or the run is over. One transaction.
import { randomUUID } from 'node:crypto';
import { RunId, type RunOutcome, runEvents } from '@terramesh/contracts';
import { announce } from '@terramesh/database';
import { isTerminal } from './domain/execution-state.js';
import { runOutcome } from './domain/outcome.js';
import { nextBlocked } from './domain/ready.js';
import type { ExecutionEntity } from './persistence/execution.entity.js';
import { applyChange, findExecutions } from './persistence/execution.repository.js';
import { saveResult } from './persistence/result.repository.js';
import type { RunEntity } from './persistence/run.entity.js';
import { finishRun, getRunLocked } from './persistence/run.repository.js';
import type { Transaction } from './persistence/transaction.js';
import { shortProblem } from './problem.js';
import { executionOf } from './views.js';

/** `work`: something became claimable. `locks`: locks are to be given back. */
export type Settled = 'finished' | 'work' | 'locks' | 'unchanged';

/** Locks the run's row first: of two executions that end at once, the second sees both ends. */
export async function settleRun(tx: Transaction, runId: string): Promise<Settled> {
  const run = await getRunLocked(tx, runId);
  if (run.status !== 'running') return 'unchanged';
  const executions = await findExecutions(tx, runId);
  const started = run.kind === 'apply' ? await startReady(tx, run, executions) : 'unchanged';
  if (started !== 'unchanged') return started;
  const over = executions.every((one) => isTerminal(one.state) && one.lockState !== 'releasing');
  if (!over) return 'unchanged';
  await finish(
    tx,
    run,
    runOutcome(
      run.kind,
      executions.map((one) => one.state),
    ),
    null,
  );
  return 'finished';
}

/** Ends a run and tells of it in the same transaction. */
export async function finish(
  tx: Transaction,
  run: RunEntity,
  outcome: RunOutcome,
  error: { code: string; message: string } | null,
): Promise<void> {
  await finishRun(tx, { runId: run.id, outcome, error });
  await announce(tx, runEvents.finished, {
    eventId: randomUUID(),
    runId: RunId.parse(run.id),
    kind: run.kind,
    outcome,
    pull: run.pull,
  });
}

/** In an apply run, executions whose groups and dependencies are done become claimable, or fail for one that failed. */
async function startReady(tx: Transaction, run: RunEntity, executions: ExecutionEntity[]): Promise<Settled> {
  let settled: Settled = 'unchanged';
  const siblings = executions.map(executionOf);
  for (const execution of executions) {
    if (execution.state !== 'queued' || execution.waitingFor === null || execution.lockState !== 'held') continue;
    const next = nextBlocked({ kind: run.kind, execution: executionOf(execution), siblings });
    if (next.may === 'start') {
      await applyChange(tx, execution, { state: 'queued', waitingFor: null });
      settled = 'work';
    } else if (next.may === 'fail') {
      await failQueued(tx, execution, next.failure);
      return 'locks';
    } else if (next.for !== execution.waitingFor) {
      await applyChange(tx, execution, { state: 'queued', waitingFor: next.for });
    }
  }
  return settled;
}

/** Ends an execution that never ran, with the reason as its Failure. */
export async function failQueued(tx: Transaction, execution: ExecutionEntity, failure: string): Promise<void> {
  await saveResult(tx, { executionId: execution.id, part: 'failure', text: failure });
  await applyChange(tx, execution, { state: 'plan_failed', problem: shortProblem(failure) });
}
