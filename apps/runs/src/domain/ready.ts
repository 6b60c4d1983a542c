// When an execution of a run may start: execution_order_group and depends_on.
import type { Execution, RunKind } from '@terramesh/contracts';
import { executionVerdict } from './outcome.js';

export type OrderedExecution = Pick<Execution, 'id' | 'target' | 'executionOrderGroup' | 'dependsOn' | 'state'>;

export type Readiness = { may: 'start' } | { may: 'wait'; for: string } | { may: 'fail'; failure: string };

/**
 * Whether `execution` may start. `siblings` are the executions of the same run, with or without itself; dependencies
 * outside the run do not count. `for` is written for a person; `failure` is Atlantis' text.
 */
export function nextBlocked(run: {
  kind: RunKind;
  execution: OrderedExecution;
  siblings: readonly OrderedExecution[];
}): Readiness {
  // A plan changes nothing, so no plan can spoil another one: order matters only to applies.
  if (run.kind === 'plan') return { may: 'start' };
  const { execution } = run;
  const others = run.siblings.filter((sibling) => sibling.id !== execution.id);
  const dependencies = others.filter(({ target }) => target.name !== '' && execution.dependsOn.includes(target.name));

  const unmet = dependencies.filter((dependency) => canNoLongerBeMet(dependency, execution));
  if (unmet.length > 0) return { may: 'fail', failure: dependencyFailure(unmet) };

  const ahead = others.filter(
    (other) => other.executionOrderGroup < execution.executionOrderGroup && isUnfinished(other),
  );
  if (ahead.length > 0) return { may: 'wait', for: `lower execution order groups: ${listOf(ahead)}` };

  const pending = dependencies.filter(isUnfinished);
  if (pending.length > 0) return { may: 'wait', for: `its dependencies: ${listOf(pending)}` };
  return { may: 'start' };
}

/** A dependency of a later group waits for this execution: waiting for it in turn would last for ever. */
function canNoLongerBeMet(dependency: OrderedExecution, execution: OrderedExecution): boolean {
  if (isUnfinished(dependency)) return dependency.executionOrderGroup > execution.executionOrderGroup;
  return executionVerdict('apply', dependency.state) !== 'succeeded';
}

function isUnfinished(execution: OrderedExecution): boolean {
  return executionVerdict('apply', execution.state) === 'unfinished';
}

/** Atlantis: command_requirement_handler.go ValidateProjectDependencies. */
function dependencyFailure(unmet: readonly OrderedExecution[]): string {
  const names = unmet.map(({ target }) => target.name).join(', ');
  return `Can't apply your project unless you apply its dependencies: [${names}]`;
}

function listOf(executions: readonly OrderedExecution[]): string {
  const named = executions
    .slice(0, 3)
    .map(({ target }) => target.name || `${target.directory}/${target.terraformWorkspace}`);
  const more = executions.length - named.length;
  return more > 0 ? `${named.join(', ')} and ${more} more` : named.join(', ');
}
