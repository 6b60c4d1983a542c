// What goes wrong, and when: chosen by the seed, one after the other, each undone after a short while; they overlap.
import { setTimeout as delay } from 'node:timers/promises';
import { killQuietly, processesOf } from './proc.mjs';
import { leaseSeconds } from './system.mjs';

const leaseMs = leaseSeconds * 1000;
const aimMs = 4_000;
const applyStartMs = 60_000;

/** What a replica is hit in: anything, a plan, or an apply. */
const aims = [[], ['leased', 'preparing', 'planning'], ['apply_intent', 'applying']];

/** What drift is hit in, as `records.drift.unsettled` calls it; undefined: anything. */
const driftAims = [
  undefined,
  'unfinished detections',
  'unfinished remediations',
  'turns of schedules on their way',
  'finished runs without a record',
];

/** Kind, weight, and what it is done to; a target suffers one fault at a time. */
const kinds = [
  ['kill runs', 9, (random) => random.pick(['runs-1', 'runs-2'])],
  ['kill runs with its Terraform', 3, (random) => random.pick(['runs-1', 'runs-2'])],
  ['pause runs past its lease', 5, (random) => random.pick(['runs-1', 'runs-2'])],
  ['kill gateway', 2, () => 'gateway'],
  ['kill projects', 2, () => 'projects'],
  ['kill locks', 3, () => 'locks'],
  ['kill drift', 5, (random) => random.pick(['drift-1', 'drift-2'])],
  ['kill nats', 3, () => 'nats'],
  ['kill postmaster', 2, () => 'postgres'],
  ['kill postgres whole', 1, () => 'postgres'],
  ['kill postgres child', 2, () => 'postgres'],
];

export class Faults {
  /** Each with `kind`, `target`, `at` and `undoneAt` in ms, and for a replica its `hostId`. */
  done = [];
  #system;
  #records;
  #random;
  #busy = new Map();

  constructor({ system, records, random }) {
    this.#system = system;
    this.#records = records;
    this.#random = random;
  }

  /** Resolves when the last fault is undone. `onFault` hears of each as it begins. */
  async inflict({ count, minutes, signal, onFault }) {
    const endsAt = Date.now() + minutes * 60_000;
    const meanGapMs = (minutes * 60_000) / count;
    for (let number = 0; number < count && !signal.aborted; number += 1) {
      await delay(this.#random.between(0.2, 1.4) * meanGapMs, undefined, { signal }).catch(() => {});
      if (signal.aborted || Date.now() > endsAt) break;
      this.#begin({ onFault, endsAt });
    }
    await Promise.all(this.#busy.values());
  }

  /** Kills a replica with its Terraform in the middle of an apply: for certain one outcome is unknown, and its lock kept. */
  async loseAnApply({ ask, onFault }) {
    await ask();
    for (const giveUpAt = Date.now() + applyStartMs; Date.now() < giveUpAt; await delay(10)) {
      for (const { kept, hostId } of this.#system.replicas) {
        const host = await hostId();
        if (!(await this.#records.isWorking(host, ['applying']))) continue;
        const fault = { kind: 'kill runs with its Terraform', target: kept.name, hostId: host, at: Date.now() };
        this.done.push(fault);
        onFault(fault);
        return this.#suffer(fault, this.#random);
      }
    }
  }

  #begin({ onFault, endsAt }) {
    const random = this.#random.fork();
    const [kind, , targetOf] = random.pickWeighted(kinds.map((one) => [one, one[1]]));
    const target = targetOf(random);
    const before = this.#busy.get(target) ?? Promise.resolve();
    const fault = { kind, target, at: undefined, undoneAt: undefined };
    const work = before.then(async () => {
      // It waited for its turn for too long.
      if (Date.now() > endsAt) return;
      this.done.push(fault);
      fault.hostId = await this.#replica(target)
        ?.hostId()
        .catch(() => undefined);
      await this.#aim(fault, random);
      fault.at = Date.now();
      onFault(fault);
      await this.#suffer(fault, random);
    });
    this.#busy.set(target, work);
  }

  /** Waits, not for long, until there is what it is to be hit in. */
  async #aim({ kind, hostId }, random) {
    const isThere =
      kind === 'kill drift' ? this.#driftAim(random.pick(driftAims)) : this.#aimAt(hostId, random.pick(aims));
    for (const giveUpAt = Date.now() + aimMs; Date.now() < giveUpAt; await delay(10))
      if (await isThere().catch(() => false)) return;
  }

  #aimAt(hostId, states) {
    const isAnywhere = hostId === undefined || states.length === 0;
    return async () => isAnywhere || this.#records.isWorking(hostId, states);
  }

  #driftAim(what) {
    return async () => what === undefined || (await this.#records.drift.unsettled())[what] > 0;
  }

  async #suffer(fault, random) {
    const { kind, target } = fault;
    const replica = this.#replica(target);
    const process = replica?.kept ?? this.#system.services[target];
    // A worker that is back before its lease is over finds its own; one that is not is found by the other.
    const shortMs = random.between(100, 3_000);
    const downMs = replica !== undefined && random.chance(0.6) ? random.between(1.3, 2.5) * leaseMs : shortMs;
    if (kind === 'kill postgres child') return this.#system.postgres.killChild(random);
    if (target === 'postgres') {
      await this.#system.postgres.kill(kind === 'kill postgres whole' ? 'whole' : 'head');
      await delay(shortMs);
      fault.undoneAt = Date.now();
      return this.#system.postgres.restart();
    }
    if (kind === 'pause runs past its lease') {
      process.pause();
      await delay(random.between(1.1, 2.2) * leaseMs);
      fault.undoneAt = Date.now();
      return process.resume();
    }
    await process.kill();
    if (kind === 'kill runs with its Terraform')
      for (const { pid } of await processesOf(replica.dataDir)) killQuietly(pid);
    await delay(downMs);
    fault.undoneAt = Date.now();
    process.start();
  }

  #replica(name) {
    return this.#system.replicas.find(({ kept }) => kept.name === name);
  }
}
