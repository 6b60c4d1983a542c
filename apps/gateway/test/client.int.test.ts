import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  createTerrameshClient,
  type StartRequest,
  type TerrameshClient,
  TerrameshClientError,
} from '@terramesh/client';
import { AppError } from '@terramesh/contracts';
import { openWorld, token, type World } from './stand-ins/world.js';

const request: StartRequest = { type: 'Github', repository: 'acme/infra', ref: 'main', projects: ['vpc'] };

let world: World;
let client: TerrameshClient;

beforeEach(async () => {
  world = await openWorld();
  client = createTerrameshClient({ url: `${world.gateway.url}/`, token });
});
afterEach(async () => {
  await world.stop();
});

async function errorOf(call: Promise<unknown>): Promise<TerrameshClientError> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof TerrameshClientError) return error;
  throw new Error('not the expected error', { cause: error });
}

describe('runs', () => {
  test('are started, shown, listed and canceled', async () => {
    const plan = await client.startPlan({ ...request, pull: 3 });
    const apply = await client.startApply(request);
    expect(world.runs.starts).toMatchObject([
      { kind: 'plan', pull: 3, projects: ['vpc'] },
      { kind: 'apply', pull: null },
    ]);
    expect(await client.get(plan.runId)).toMatchObject({ id: plan.runId, executions: [] });
    expect((await client.list({ limit: 1 })).runs).toMatchObject([{ id: apply.runId }]);
    expect(await client.cancel(plan.runId)).toMatchObject({ cancelRequestedAt: expect.any(String) });
  });

  test('results come in pages', async () => {
    const { runId } = await client.startPlan(request);
    world.runs.pieceLength = 10;
    world.runs.finish(runId, 'success', [{ execution: {}, texts: { plan_output: 'x'.repeat(50) } }]);
    const first = await client.results(runId);
    const second = await client.results(runId, first.next);
    expect([first.pieces.length, second.pieces.length, second.next]).toEqual([3, 2, null]);
  });

  test('wait resolves when the run is finished, over a restart of the service behind', async () => {
    const { runId } = await client.startPlan(request);
    const waiting = client.wait(runId);
    await world.stopRuns();
    world.runs.finish(runId, 'success', []);
    await world.startRuns();
    expect(await waiting).toMatchObject({ status: 'finished', outcome: 'success' });
  });

  test('wait gives up at its timeout or its signal, and the run goes on', async () => {
    const { runId } = await client.startPlan(request);
    expect(await errorOf(client.wait(runId, { timeoutMs: 100 }))).toMatchObject({ code: 'TIMEOUT' });
    const reason = new Error('enough');
    await expect(client.wait(runId, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(world.runs.get(runId)).toMatchObject({ cancelRequestedAt: null });
  });

  test('a start whose answer is lost on the way is repeated and starts one run', async () => {
    let lost = 0;
    const lossy: typeof fetch = async (input, init) => {
      const response = await fetch(input, init);
      lost += 1;
      if (lost === 1) throw new TypeError('fetch failed');
      return response;
    };
    const { replayed } = await createTerrameshClient({ url: world.gateway.url, token, fetch: lossy }).startApply(
      request,
    );
    expect([replayed, world.runs.starts.length]).toEqual([true, 1]);
  });
});

describe('followLogs', () => {
  test('gives every line once and in order, over lost connections', async () => {
    const { runId } = await client.startPlan(request);
    world.runs.log(runId, 'one', 'two');
    let calls = 0;
    const lossy: typeof fetch = async (input, init) => {
      calls += 1;
      if (calls === 2) throw new TypeError('fetch failed');
      return fetch(input, init);
    };
    const follower = createTerrameshClient({ url: world.gateway.url, token, fetch: lossy });
    const texts: string[] = [];
    for await (const line of follower.followLogs(runId)) {
      texts.push(line.text);
      if (line.number === 2) {
        world.runs.log(runId, 'three');
        world.runs.finish(runId, 'success', []);
      }
    }
    expect(texts).toEqual(['one', 'two', 'three']);
  });

  test('starts after a line and ends with its signal', async () => {
    const { runId } = await client.startPlan(request);
    world.runs.log(runId, 'one', 'two');
    const stop = new AbortController();
    const texts: string[] = [];
    const following = (async () => {
      for await (const line of client.followLogs(runId, { after: 1, signal: stop.signal })) {
        texts.push(line.text);
        stop.abort(new Error('enough'));
      }
    })();
    await expect(following).rejects.toThrow('enough');
    expect(texts).toEqual(['two']);
  });
});

test('locks are listed and released by name', async () => {
  const lock = world.locks.hold();
  expect((await client.locks.list()).locks).toMatchObject([{ name: lock.name }]);
  expect(await client.locks.release(lock.name)).toMatchObject({ name: lock.name });
  expect(await errorOf(client.locks.release(lock.name))).toMatchObject({ code: 'NOT_FOUND', httpStatus: 404 });
});

describe('errors', () => {
  test('keep their code, status and details', async () => {
    world.runs.onStart = () => {
      throw new AppError('CONFLICT', 'the key is taken', { details: { key: 'k' } });
    };
    const error = await errorOf(client.startPlan(request));
    expect(error).toMatchObject({
      code: 'CONFLICT',
      httpStatus: 409,
      details: { key: 'k' },
      message: 'the key is taken',
    });
  });

  test('bad input is INVALID with its issues', async () => {
    const error = await errorOf(client.startPlan({ ...request, ref: '-x' }));
    expect(error).toMatchObject({
      code: 'INVALID',
      httpStatus: 400,
      details: [expect.objectContaining({ path: ['ref'] })],
    });
    expect(await errorOf(client.startPlan({ ...request, projects: [] }))).toMatchObject({ code: 'INVALID' });
    expect(await errorOf(client.get('nope'))).toMatchObject({ code: 'INVALID' });
  });

  test('a wrong token is UNAUTHORIZED; Bearer is as good as the header', async () => {
    const stranger = createTerrameshClient({ url: world.gateway.url, token: 'wrong' });
    expect(await errorOf(stranger.list())).toMatchObject({ code: 'UNAUTHORIZED', httpStatus: 401 });
    const bearer = await world.fetch('/trpc/runs.list?input=%7B%7D', { headers: { authorization: `Bearer ${token}` } });
    expect(bearer.status).toBe(200);
  });

  test('a bug shows the id of the request and nothing else', async () => {
    world.runs.onStart = () => {
      throw new Error('secret stack');
    };
    const response = await world.ask('/trpc/runs.startPlan', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'X-Request-Id': 'req-9' },
      body: JSON.stringify(request),
    });
    const text = await response.text();
    expect(response.status).toBe(500);
    expect(text).toContain('internal error (request req-9)');
    expect(text).not.toMatch(/secret|stack/);
  });

  test('an unknown procedure is NOT_FOUND', async () => {
    expect((await world.ask('/trpc/runs.nope?input=%7B%7D')).status).toBe(404);
  });

  test('a server that is not there is UNAVAILABLE', async () => {
    const nobody = createTerrameshClient({ url: 'http://127.0.0.1:9', token });
    expect(await errorOf(nobody.list())).toMatchObject({ code: 'UNAVAILABLE', httpStatus: undefined });
  });
});
