// Finished runs as `runs` tells of them, in few words.
import { type DriftedResource, ExecutionId, type PlanSummary, type Run, RunId } from '@terramesh/contracts';
import type { FinishedRun } from './drift-replicas.js';

/** What a plan found; `input` is the value that one resource would get. */
export interface Seen {
  readonly directory: string;
  readonly workspace?: string;
  readonly name?: string;
  readonly drift?: readonly DriftedResource[];
  readonly error?: string;
  readonly state?: Run['executions'][number]['state'];
  readonly truncated?: boolean;
}

export interface RunFacts {
  /** Seconds since the first of all tests' runs. */
  readonly at: number;
  readonly seen: readonly Seen[];
  readonly kind?: Run['kind'];
  readonly pull?: number;
  readonly error?: Run['error'];
  readonly id?: string;
  readonly ref?: string;
}

let count = 0;
const base58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const bodyOf = (number: number) => {
  const digits = [...number.toString(36)].map((digit) => base58[Number.parseInt(digit, 36)]).join('');
  return digits.padStart(16, 'z');
};

const began = Date.parse('2026-01-01T00:00:00Z');
export const timeAt = (seconds: number) => new Date(began + seconds * 1000);

/** One resource that would be changed. */
export function changed(address: string, ...attributes: (string | [string, string])[]): DriftedResource {
  return {
    address,
    kind: 'planned',
    actions: ['update'],
    attributes: attributes.map((attribute) => {
      const [path, before] = typeof attribute === 'string' ? [attribute, '"by hand"'] : attribute;
      return { path, before, after: '"as written"', sensitive: false, unknown: false };
    }),
  };
}

export function finishedRun(facts: RunFacts): FinishedRun {
  const { at, seen, kind = 'plan', pull = null, error = null, ref = 'main' } = facts;
  count += 1;
  const times = { createdAt: timeAt(at - 3), startedAt: timeAt(at - 2), finishedAt: timeAt(at) };
  const executions = seen.map((target, index) => executionOf(target, { kind, number: count * 1000 + index, at }));
  const failed = executions.filter(({ problem }) => problem !== null).length;
  const outcome = failed === 0 && error === null ? 'success' : failed < executions.length ? 'partial' : 'failed';
  const run = {
    id: RunId.parse(facts.id ?? `run-${bodyOf(count)}`),
    kind,
    status: 'finished' as const,
    outcome: outcome as Run['outcome'],
    origin: 'drift' as const,
    type: 'Github' as const,
    hostname: 'github.com',
    repository: 'acme/infra',
    ref,
    pull,
    commit: error === null ? 'c'.repeat(40) : null,
    error,
    createdAt: times.createdAt.toISOString(),
    startedAt: times.startedAt.toISOString(),
    finishedAt: times.finishedAt.toISOString(),
    cancelRequestedAt: null,
    executions,
    leftOut: [],
  };
  const drift = seen.flatMap(({ drift = [], truncated = false }, index) => {
    const execution = executions[index];
    return drift.length === 0 || !execution ? [] : [{ executionId: execution.id, truncated, changes: [...drift] }];
  });
  return { run, drift };
}

function executionOf(seen: Seen, { kind, number, at }: { kind: Run['kind']; number: number; at: number }) {
  const { directory, workspace = 'default', name = '', drift = [], error = null } = seen;
  const isApplied = kind === 'apply' && drift.length > 0;
  const done = drift.length === 0 ? 'no_changes' : isApplied ? 'applied' : 'planned';
  const toChange = drift.length;
  const summary = toChange === 0 ? 'No changes.' : `Plan: 0 to add, ${toChange} to change, 0 to destroy.`;
  const plan: PlanSummary = { toAdd: 0, toChange, toDestroy: 0, toImport: 0, changesOutside: false, summary };
  return {
    id: ExecutionId.parse(`exe-${bodyOf(number)}`),
    target: { directory, terraformWorkspace: workspace, name },
    executionOrderGroup: 0,
    dependsOn: [],
    state: seen.state ?? (error === null ? (done as 'planned') : 'plan_failed'),
    waitingFor: null,
    cancelRequestedAt: null,
    plan: error === null ? plan : null,
    problem: error,
    epoch: 1,
    startedAt: timeAt(at - 1).toISOString(),
    finishedAt: timeAt(at).toISOString(),
  };
}
