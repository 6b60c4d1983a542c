// People who keep asking: for plans and applies, each with its key, again and again until they have an answer.
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { refOf, targets } from './repository.mjs';

const requestTimeoutMs = 10_000;
const answerPatienceMs = 120_000;
const pollMs = 400;

export class Load {
  /** Everything that was asked, with all answers. */
  requests = [];
  #system;
  #repository;
  #stopped = false;

  constructor({ system, repository }) {
    this.#system = system;
    this.#repository = repository;
  }

  /** Resolves after `stop`, when every request of this client has its answer. */
  async client(random) {
    const doubtful = new Set();
    while (!this.#stopped) {
      // Whoever sees an apply fail looks at its target before trying again.
      const looksAgain = doubtful.size > 0 && random.chance(0.4);
      const asked = looksAgain ? [...doubtful] : random.sample(targets, random.pickWeighted([[1, 6], [2, 3], [3, 1]])); // biome-ignore format: pairs
      const kind = looksAgain || random.chance(0.3) ? 'plan' : 'apply';
      if (kind === 'apply') await this.#repository.change(asked);
      const request = await this.ask(kind, asked);
      const run = await this.#accompany(request, random);
      for (const { target, state } of run?.executions ?? []) {
        if (state === 'outcome_unknown' || state === 'apply_failed') doubtful.add(target.directory);
        if (kind === 'plan') doubtful.delete(target.directory);
      }
      await delay(random.between(0, 500));
    }
  }

  stop() {
    this.#stopped = true;
  }

  /** Of one ref. Asks until there is an answer: `request.runId` is set when the run was accepted. */
  async ask(kind, asked) {
    const body = {
      Repository: 'chaos/infra',
      Ref: refOf(asked[0]),
      Type: 'Github',
      Paths: asked.map((target) => ({ Directory: target })),
    };
    const request = { key: randomUUID(), kind, targets: asked, body, runId: undefined, answers: [] };
    this.requests.push(request);
    request.runId = await untilAnswered(() => this.#post(request));
    return request;
  }

  /** What the one who waited for the run is told: the same request once more, without respond-async. */
  async result(request) {
    return this.#system.http('POST', `/api/${request.kind}`, {
      body: request.body,
      headers: { 'Idempotency-Key': request.key },
      timeoutMs: 60_000,
    });
  }

  /** Looks at the run until it is finished; cancels some, and asks once more for others. */
  async #accompany(request, random) {
    const { runId } = request;
    const cancelAfter = random.chance(0.08) ? random.between(0, 4_000) : Number.POSITIVE_INFINITY;
    const repeatAfter = random.chance(0.2) ? random.between(0, 4_000) : Number.POSITIVE_INFINITY;
    let [canceled, repeated] = [false, false];
    if (runId === undefined) return undefined;
    for (const startedAt = Date.now(); Date.now() - startedAt < answerPatienceMs; await delay(pollMs)) {
      const waited = Date.now() - startedAt;
      if (!canceled && waited > cancelAfter) {
        canceled = true;
        await this.#system.http('POST', `/api/runs/${runId}/cancel`, { timeoutMs: requestTimeoutMs });
      }
      if (!repeated && waited > repeatAfter) {
        repeated = true;
        await this.#post(request);
      }
      const answer = await this.#system.http('GET', `/api/runs/${runId}`, { timeoutMs: requestTimeoutMs });
      if (answer.status === 404) request.answers.push({ at: Date.now(), status: 404, text: 'GET: it does not exist' });
      if (answer.status !== 200) continue;
      const run = JSON.parse(answer.text);
      if (run.status === 'finished') return run;
    }
    return undefined;
  }

  async #post(request) {
    return postWithKey(this.#system.http, `/api/${request.kind}`, request);
  }
}

/** Resolves to the id that was accepted; undefined when it was refused, or there was no answer for too long. */
export async function untilAnswered(post) {
  let accepted;
  for (const giveUpAt = Date.now() + answerPatienceMs; Date.now() < giveUpAt; await delay(200)) {
    const { status, id } = await post();
    accepted ??= id;
    if (status !== undefined && status < 500) break;
  }
  return accepted;
}

/** Adds what it is answered to `request.answers`. */
export async function postWithKey(http, path, request) {
  const headers = { Prefer: 'respond-async', 'Idempotency-Key': request.key };
  const answer = await http('POST', path, { body: request.body, headers, timeoutMs: requestTimeoutMs });
  const id = answer.status === 202 ? JSON.parse(answer.text).id : undefined;
  request.answers.push({ at: Date.now(), status: answer.status, id, text: answer.text.slice(0, 500) });
  return { status: answer.status, id };
}

/** `status` is undefined when there was no answer. */
export function asker(url, token) {
  return async (method, path, { body, headers = {}, timeoutMs }) => {
    try {
      const response = await fetch(url + path, {
        method,
        headers: { 'X-Atlantis-Token': token, 'Content-Type': 'application/json', ...headers },
        body: body === undefined ? undefined : JSON.stringify(body),
        signal: AbortSignal.timeout(timeoutMs),
      });
      return { status: response.status, text: await response.text() };
    } catch (error) {
      return { status: undefined, text: String(error.cause ?? error) };
    }
  };
}
