// Drift, and people who look for it and have it put right, each request with its key; schedules do the same by themselves.
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { postWithKey, untilAnswered } from './load.mjs';
import { driftRef, driftTargets } from './repository.mjs';

const requestTimeoutMs = 10_000;
const endPatienceMs = 120_000;
const pollMs = 500;
const where = { repository: 'chaos/infra', ref: driftRef, type: 'Github' };
const pathsOf = (targets) => targets.map((directory) => ({ directory }));
const kinds = {
  detect: { post: '/api/drift/detect', get: '/api/drift/detections' },
  remediate: { post: '/api/drift/remediate', get: '/api/drift/remediate' },
};

export class DriftLoad {
  /** Everything that was asked, with all answers. */
  requests = [];
  #system;
  #repository;
  #schedules = [];
  #stopped = false;

  constructor({ system, repository }) {
    this.#system = system;
    this.#repository = repository;
  }

  /** One per target, every minute; what it finds is put right. */
  async schedule() {
    for (const directory of driftTargets) {
      // biome-ignore lint/suspicious/noThenProperty: the wire's word
      const body = { ...where, name: directory, paths: [{ directory }], interval_seconds: 60, then: 'apply' };
      const { status, text } = await this.#http('POST', '/api/drift/schedules', body);
      if (status !== 201) throw new Error(`POST /api/drift/schedules: ${status} ${text}`);
      this.#schedules.push(JSON.parse(text).id);
    }
  }

  /** No turn begins after this. */
  async pauseSchedules() {
    for (const id of this.#schedules) {
      const { status, text } = await this.#http('PATCH', `/api/drift/schedules/${id}`, { paused: true });
      if (status !== 200) throw new Error(`PATCH /api/drift/schedules/${id}: ${status} ${text}`);
    }
  }

  /** Resolves after `stop`, when every request of this client has its answer. */
  async client(random) {
    while (!this.#stopped) {
      const some = random.sample(driftTargets, random.integer(1, 2));
      if (random.chance(0.7)) await this.#repository.forget(some);
      const asked = random.pickWeighted([
        [['detect', { paths: pathsOf(some) }], 5],
        [['remediate', { action: 'plan' }], 1],
        [['remediate', { action: 'apply', drift_only: true }], 3],
        [['remediate', { action: 'apply' }], 1],
      ]);
      await this.#accompany(await this.ask(...asked), random);
      await delay(random.between(0, 2_000));
    }
  }

  stop() {
    this.#stopped = true;
  }

  /** Asks until there is an answer: `request.id` is set when it was accepted. */
  async ask(kind, more) {
    const request = { key: randomUUID(), kind, body: { ...where, ...more }, id: undefined, answers: [] };
    this.requests.push(request);
    request.id = await untilAnswered(() => postWithKey(this.#system.http, kinds[kind].post, request));
    return request;
  }

  /** When all is quiet, drift is found where it is, and put right. Resolves to what was otherwise. */
  async prove() {
    const [first] = driftTargets;
    await this.#repository.forget(driftTargets);
    return [
      ...(await this.#finds(driftTargets)),
      ...(await this.#putsRight()),
      ...(await this.#finds([])),
      ...(await this.#repository.forget([first]).then(() => this.#finds([first]))),
    ];
  }

  async #finds(drifting) {
    const detection = await this.#end(await this.ask('detect', { paths: pathsOf(driftTargets) }));
    const found = (detection?.projects ?? []).filter((project) => project.has_drift).map(({ path }) => path);
    if (detection?.status === 'success' && `${found.sort()}` === `${drifting}`) return [];
    return [`the last detection ${detection?.id} is ${detection?.status}: drift of ${found}, not of ${drifting}`];
  }

  async #putsRight() {
    const remediation = await this.#end(await this.ask('remediate', { action: 'apply', drift_only: true }));
    if (remediation?.status === 'success' && remediation.success_count === driftTargets.length) return [];
    return [`the last remediation is ${JSON.stringify(remediation)?.slice(0, 1_000)}`];
  }

  /** Sometimes asks once more meanwhile. */
  async #accompany(request, random) {
    if (random.chance(0.3)) {
      await delay(random.between(0, 3_000));
      await postWithKey(this.#system.http, kinds[request.kind].post, request);
    }
    await this.#end(request);
  }

  /** Undefined when it does not end for too long. */
  async #end({ kind, id, answers }) {
    if (id === undefined) return undefined;
    for (const giveUpAt = Date.now() + endPatienceMs; Date.now() < giveUpAt; await delay(pollMs)) {
      const { status, text } = await this.#http('GET', `${kinds[kind].get}/${id}`);
      if (status === 404) answers.push({ at: Date.now(), status, text: 'GET: it does not exist' });
      if (status !== 200) continue;
      const body = JSON.parse(text);
      if (body.status !== 'pending' && body.status !== 'running') return body;
    }
    return undefined;
  }

  #http(method, path, body) {
    return this.#system.http(method, path, { body, timeoutMs: requestTimeoutMs });
  }
}
