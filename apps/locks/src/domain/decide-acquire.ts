// Decides all keys of one acquire call at once. Source of the rules: the contract of `locks.acquire`.
import type { LockDecision, LockHolder, LockKey, LockOwner } from '@terramesh/contracts';
import { type Changes, changesBetween, mergeChanges, noChanges } from './changes.js';
import { type Claim, keyId } from './claim.js';
import { inOrder, type Line, type Lines, type Standing, settle, standingOf } from './line.js';
import type { Numbers } from './numbers.js';

export interface AcquireRequest {
  readonly holder: LockHolder;
  readonly keys: readonly LockKey[];
  readonly policy: 'each' | 'all';
  readonly user: string;
  readonly url: string;
  readonly reason: string;
}

export interface AcquireDecision {
  /** One for each key that was asked for, in that order. */
  readonly decisions: LockDecision[];
  readonly changes: Changes;
}

type Refused = { readonly key: LockKey; readonly by: LockOwner };

/** `dependents`: see `standingOf`. `people`: who has locked a key's place, by the position of the key. */
export function decideAcquire(
  request: AcquireRequest,
  lines: Lines,
  context: {
    readonly numbers: Numbers;
    readonly dependents: ReadonlySet<string>;
    readonly people?: ReadonlyMap<number, LockOwner>;
  },
): AcquireDecision {
  const ids = request.keys.map(keyId);
  const distinct = new Map(request.keys.map((key, index) => [ids[index] ?? '', { key, index }]));
  const standings = [...distinct].map(([id, { key, index }]) => {
    const line = lines.get(id) ?? [];
    const person = context.people?.get(index);
    const standing: Standing =
      person === undefined ? standingOf(line, request.holder, context.dependents) : { is: 'refused', by: person };
    return { id, key, line, standing };
  });
  const refusal = standings
    .flatMap(({ key, standing }): Refused[] => (standing.is === 'refused' ? [{ key, by: standing.by }] : []))
    .at(0);
  const withheldFor = request.policy === 'all' ? refusal : undefined;

  const outcomes = new Map(
    standings.map(({ id, key, line, standing }) => [
      id,
      decideKey({ key, line, standing, withheldFor }, request, context),
    ]),
  );
  const answered = ids.flatMap((id) => outcomes.get(id) ?? []);
  return {
    decisions: answered.map(({ decision }, index) => ({ ...decision, key: request.keys[index] ?? decision.key })),
    changes: mergeChanges([...outcomes.values()].map(({ changes }) => changes)),
  };
}

function decideKey(
  on: { key: LockKey; line: Line; standing: Standing; withheldFor: Refused | undefined },
  request: AcquireRequest,
  { numbers }: { numbers: Numbers },
): { decision: LockDecision; changes: Changes } {
  const { key, line, standing, withheldFor } = on;
  switch (standing.is) {
    case 'holding':
      return { decision: { decision: 'granted', key, fence: standing.claim.fence }, changes: noChanges };
    case 'waiting':
      return { decision: waiting(key, standing.behind), changes: noChanges };
    case 'refused':
      return { decision: { decision: 'refused', key, by: standing.by }, changes: noChanges };
  }
  if (withheldFor !== undefined) {
    return {
      decision: { decision: 'withheld', key, because: withheldFor.key, by: withheldFor.by },
      changes: noChanges,
    };
  }
  const ticket = numbers.take();
  if (standing.is === 'taken') {
    const after = inOrder([...line, newClaim(request, { key, ticket, fence: null })]);
    return { decision: waiting(key, standing.behind), changes: changesBetween(line, after) };
  }
  const after = settle(inOrder([...line, newClaim(request, { key, ticket, fence: ticket })]), numbers);
  return { decision: { decision: 'granted', key, fence: ticket }, changes: changesBetween(line, after) };
}

function waiting(key: LockKey, behind: Claim): LockDecision {
  return { decision: 'waiting', key, behind: behind.holder, guard: behind.guard };
}

function newClaim(request: AcquireRequest, place: { key: LockKey; ticket: number; fence: number | null }): Claim {
  const { holder, user, url, reason } = request;
  return { ...place, holder, guard: 'none', user, url, reason };
}
