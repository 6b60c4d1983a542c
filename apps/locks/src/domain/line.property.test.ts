// Random interleavings of everything that changes a line, against the promises that hold at every moment.
import { describe, expect, test } from '@jest/globals';
import { isAppError, type LockDecision, type LockGuard, type LockHolder, type LockKey } from '@terramesh/contracts';
import type { Changes } from './changes.js';
import { areCompatible, type Claim, isHeld, isSameHolder, isWaiting, keyId } from './claim.js';
import { decideAcquire } from './decide-acquire.js';
import { decideDelete } from './decide-delete.js';
import { decideLeave } from './decide-leave.js';
import { decideTakeOver } from './decide-take-over.js';
import { inOrder, type Line } from './line.js';
import { numbersFrom } from './numbers.js';

const keys = ['a', 'b', 'c', 'd', 'e'].map(
  (directory): LockKey => ({
    hostname: 'github.com',
    repository: 'acme/infra',
    directory,
    terraformWorkspace: 'default',
    name: '',
  }),
);
const holders: LockHolder[] = [
  { kind: 'run', runId: 'r1', pull: null },
  { kind: 'run', runId: 'r2', pull: null },
  { kind: 'run', runId: 'r3', pull: null },
  { kind: 'run', runId: 'r4', pull: 5 },
  { kind: 'run', runId: 'r5', pull: 5 },
  { kind: 'run', runId: 'r6', pull: 6 },
  { kind: 'pull', pull: 5 },
  { kind: 'pull', pull: 6 },
];
const isRun = (claim: Claim) => claim.holder.kind === 'run';
const who = ({ holder }: Claim) => (holder.kind === 'run' ? holder.runId : `#${holder.pull}`);

/** Deterministic numbers in [0, 1) (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

class World {
  lines = new Map<string, Line>();
  private next = 1;
  private readonly highestFence = new Map<string, number>();

  numbers() {
    this.next += 100;
    return numbersFrom(this.next, 100);
  }

  all(): Claim[] {
    return [...this.lines.values()].flat();
  }

  line(key: LockKey): Line {
    return this.lines.get(keyId(key)) ?? [];
  }

  /** Who waits for whom; over runs, because nobody waits for a pull request that holds. */
  dependentsOf(runId: string): Set<string> {
    const found = new Set<string>();
    const look = (id: string) => {
      for (const line of this.lines.values()) {
        const place = line.findIndex((claim) => isRun(claim) && who(claim) === id);
        if (place < 0) continue;
        for (const behind of line.slice(place + 1).filter((claim) => isWaiting(claim) && isRun(claim))) {
          if (found.has(who(behind))) continue;
          found.add(who(behind));
          look(who(behind));
        }
      }
    };
    look(runId);
    return found;
  }

  apply({ joined, granted, left }: Changes): void {
    const before = this.lines;
    const gone = new Set(left.map(({ ticket }) => ticket));
    const now = new Map(granted.map((claim) => [claim.ticket, claim]));
    const claims = [...this.all().filter(({ ticket }) => !gone.has(ticket)), ...joined];
    this.lines = new Map(keys.map((key) => [keyId(key), []]));
    for (const claim of claims.map((each) => now.get(each.ticket) ?? each)) {
      const id = keyId(claim.key);
      this.lines.set(id, inOrder([...(this.lines.get(id) ?? []), claim]));
    }
    for (const claim of [...joined, ...granted].filter(isHeld)) {
      const id = keyId(claim.key);
      expect(claim.fence).toBeGreaterThan(this.highestFence.get(id) ?? 0);
      this.highestFence.set(id, claim.fence);
      const overtaken = (before.get(id) ?? []).filter((other) => isWaiting(other) && other.ticket < claim.ticket);
      const stillWaiting = overtaken.filter((other) =>
        this.lines.get(id)?.some((now) => now.ticket === other.ticket && isWaiting(now)),
      );
      if (isRun(claim)) expect(stillWaiting).toEqual([]);
    }
    this.check();
  }

  private check(): void {
    for (const line of this.lines.values()) {
      const held = line.filter(isHeld);
      hold('one run holds', held.filter(isRun).length <= 1);
      hold('one pull request holds', held.length - held.filter(isRun).length <= 1);
      hold(
        'holders fit',
        held.every((one) => held.every((other) => areCompatible(one.holder, other.holder))),
      );
      hold('nobody waits for nothing', held.length > 0 || line.length === 0);
    }
    for (const id of new Set(this.all().filter(isRun).map(who))) {
      hold('no run waits for itself', !this.dependentsOf(id).has(id));
    }
  }
}

/** `expect` is too slow for the number of times this is asked. */
function hold(promise: string, kept: boolean): void {
  if (!kept) throw new Error(`broken promise: ${promise}`);
}

function play(seed: number): void {
  const random = randomFrom(seed);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const some = () => keys.filter(() => random() < 0.5);
  const world = new World();

  const acquire = (holder: LockHolder): LockDecision[] => {
    const asked = some();
    const dependents = holder.kind === 'run' ? world.dependentsOf(holder.runId) : new Set<string>();
    const request = { holder, keys: asked, policy: pick(['each', 'all'] as const), user: '', url: '', reason: '' };
    const { decisions, changes } = decideAcquire(request, world.lines, { numbers: world.numbers(), dependents });
    world.apply(changes);
    for (const decision of decisions) {
      const mine = world.line(decision.key).find((claim) => isSameHolder(claim.holder, holder));
      const state = mine === undefined ? 'out' : isHeld(mine) ? 'granted' : 'waiting';
      expect({ asked: decision.decision, state }).toEqual({
        asked: decision.decision,
        state: decision.decision === 'refused' || decision.decision === 'withheld' ? 'out' : decision.decision,
      });
    }
    return decisions;
  };
  const release = (holder: LockHolder, which: readonly LockKey[]) => {
    const before = world.all();
    const lines = new Map(which.map((key) => [keyId(key), world.line(key)]));
    const changes = decideLeave(lines, (claim) => isSameHolder(claim.holder, holder), world.numbers());
    world.apply(changes);
    const lost = before.filter((claim) => isHeld(claim) && !world.all().some(({ ticket }) => ticket === claim.ticket));
    expect(lost.every((claim) => isSameHolder(claim.holder, holder))).toBe(true);
  };
  const guard = (value: LockGuard) => {
    const id = keyId(pick(keys));
    const change = (claim: Claim) => (isHeld(claim) && isRun(claim) ? { ...claim, guard: value } : claim);
    world.lines.set(id, (world.lines.get(id) ?? []).map(change));
  };
  const attempt = (decide: () => Changes) => {
    try {
      world.apply(decide());
    } catch (error) {
      if (!isAppError(error)) throw error;
    }
  };

  for (let step = 0; step < 120; step += 1) {
    const dice = random();
    if (dice < 0.5) acquire(pick(holders));
    else if (dice < 0.65) release(pick(holders), some());
    else if (dice < 0.75) release(pick(holders), keys);
    else if (dice < 0.85) guard(pick(['none', 'applying', 'outcome_unknown'] as const));
    else if (dice < 0.95) attempt(() => decideTakeOver(world.line(pick(keys)), pick(holders), world.numbers()).changes);
    else attempt(() => decideDelete(world.line(pick(keys)), world.numbers()).changes);
  }

  // Whoever waits for nothing finishes; then everybody must be able to finish.
  while (world.all().length > 0) {
    const waiting = new Set(world.all().filter(isWaiting).map(who));
    const done = world.all().find((claim) => !waiting.has(who(claim)));
    expect(done).toBeDefined();
    if (done === undefined) return;
    release(done.holder, keys);
  }
}

describe('whatever happens in whatever order', () => {
  test.each(Array.from({ length: 10 }, (_, index) => index * 50))(
    'one run holds a key, fences rise, nobody overtakes, nobody loses a lock to another, every wait ends (seeds from %i)',
    (first) => {
      for (let seed = first; seed < first + 10; seed += 1) play(seed);
    },
  );
});
