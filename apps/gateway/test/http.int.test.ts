import { connect } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Validator } from '@seriousme/openapi-schema-validator';
import { AppError, AtlantisError, RunId } from '@terramesh/contracts';
import { z } from 'zod';
import { read } from './stand-ins/read.js';
import { openWorld, token, type World } from './stand-ins/world.js';

const Accepted = z.object({ id: RunId });
const OpenApi = z.looseObject({
  paths: z.record(z.string(), z.record(z.string(), z.unknown())),
  components: z.looseObject({ schemas: z.record(z.string(), z.unknown()) }),
});

let world: World;

beforeAll(async () => {
  world = await openWorld({ env: { TERRAMESH_ENABLE_PROFILING_API: 'true' }, metrics: 'on' });
});
afterAll(async () => {
  await world.stop();
});

describe('health', () => {
  test('/healthz and /readyz are indented, without a final newline', async () => {
    for (const path of ['/healthz', '/readyz']) {
      const response = await world.fetch(path);
      expect(response.headers.get('content-type')).toBe('application/json');
      expect([response.status, await response.text()]).toEqual([200, '{\n  "status": "ok"\n}']);
    }
  });

  test('/status counts the runs that are not finished', async () => {
    const body = { Repository: 'a/b', Ref: 'main', Type: 'Github', Projects: ['p'] };
    await world.post('/api/plan', body, { Prefer: 'respond-async' });
    expect(await (await world.fetch('/status')).text()).toBe(
      '{\n  "shutting_down": false,\n  "in_progress_operations": 1,\n  "version": "0.1.0"\n}',
    );
  });

  test('without the runs service /readyz is 503 and names it, /healthz stays 200, /status does not guess', async () => {
    const lonely = await openWorld();
    await lonely.stopRuns();
    const ready = await lonely.fetch('/readyz');
    expect([ready.status, await ready.json()]).toEqual([
      503,
      { status: 'error', error: expect.stringContaining('runs') },
    ]);
    expect((await lonely.fetch('/healthz')).status).toBe(200);
    expect((await lonely.fetch('/status')).status).toBe(503);
    await lonely.stop();
  });
});

test('/metrics are guarded, and not there when they are off', async () => {
  expect((await world.fetch('/metrics')).status).toBe(401);
  expect(await (await world.ask('/metrics')).text()).toContain('process_cpu_seconds_total');
  const plain = await openWorld();
  expect((await plain.ask('/metrics')).status).toBe(404);
  await plain.stop();
});

describe('paths and methods', () => {
  test.each([
    ['/nope', 'text/plain; charset=utf-8', '404 page not found\n'],
    ['/api/nope', 'application/json', '{"error":"not found"}\n'],
    ['/api/plan/', 'application/json', '{"error":"not found"}\n'],
    ['/api/v2/nope', 'application/vnd.api+json', '{"errors":[{"status":"404","title":"not found"}]}\n'],
  ])('%s is 404', async (path, type, text) => {
    const response = await world.ask(path);
    expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([404, type, text]);
  });

  test.each([
    ['GET', '/api/plan', 'POST'],
    ['POST', '/api/locks', 'GET, HEAD'],
    ['PUT', '/api/runs/x', 'GET, HEAD'],
    ['DELETE', '/healthz', 'GET, HEAD'],
  ])('%s %s is 405 and says what is allowed', async (method, path, allow) => {
    const response = await world.ask(path, { method });
    expect([response.status, response.headers.get('allow')]).toEqual([405, allow]);
  });

  test.each(['/healthz', '/status', '/api/locks', '/api/runs'])('HEAD %s is GET without the body', async (path) => {
    const response = await world.ask(path, { method: 'HEAD' });
    expect([response.status, await response.text()]).toEqual([200, '']);
  });

  test.each(['/api/runs/%zz', `/api/runs/${'x'.repeat(6_000)}`])('a bad URL is refused in JSON', async (path) => {
    const response = await world.ask(path);
    expect([400, 414]).toContain(response.status);
    expect(await response.json()).toEqual({ error: expect.any(String) });
  });
});

describe('request ids', () => {
  test('a sane one comes back, any other is replaced', async () => {
    const idFor = async (id: string) => {
      const response = await world.fetch('/healthz', { headers: { 'X-Request-Id': id } });
      return response.headers.get('x-request-id');
    };
    expect(await idFor('abc-123')).toBe('abc-123');
    expect(await idFor('a b')).toMatch(/^[0-9a-f-]{36}$/);
    expect(await idFor('x'.repeat(500))).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('/openapi.json', () => {
  test('is a valid OpenAPI document', async () => {
    const document = await read(OpenApi, world.fetch('/openapi.json'));
    const result = await new Validator().validate(document);
    expect(result).toEqual({ valid: true });
  });

  test('has every registered route, and every reference leads somewhere', async () => {
    const document = await read(OpenApi, world.fetch('/openapi.json'));
    const documented = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const registered = world.gateway.routes
      .all()
      .filter(({ method }) => method !== 'HEAD')
      .map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`);
    expect(documented.sort()).toEqual([...new Set(registered)].sort());
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)];
    expect(Object.keys(document.components.schemas)).toEqual(expect.arrayContaining(references.map(([, id]) => id)));
    expect(references.length).toBeGreaterThan(10);
  });
});

describe('/debug/pprof', () => {
  const password = Buffer.from(`:${token}`).toString('base64');

  test('is not there unless it is switched on', async () => {
    const plain = await openWorld();
    for (const path of ['/debug/pprof', '/debug/pprof/heap', '/debug/pprof/profile']) {
      expect((await plain.ask(path)).status).toBe(404);
    }
    await plain.stop();
  });

  test.each(['/debug/pprof', '/debug/pprof/', '/debug/pprof/heap', '/debug/pprof/profile', '/debug/pprof/cmdline'])(
    '%s needs the token',
    async (path) => {
      expect((await world.fetch(path)).status).toBe(401);
    },
  );

  test('the index and the command line are there, the latter without arguments', async () => {
    expect(await (await world.ask('/debug/pprof/')).text()).toContain('/debug/pprof/heap');
    const cmdline = await (await world.ask('/debug/pprof/cmdline')).text();
    expect(cmdline.split('\0')).toEqual(process.argv.slice(0, 2));
  });

  test('heap and profile are gzipped protobufs; basic auth opens them', async () => {
    for (const path of ['/debug/pprof/heap', '/debug/pprof/profile?seconds=1']) {
      const response = await world.fetch(path, { headers: { authorization: `Basic ${password}` } });
      expect(response.status).toBe(200);
      expect(gunzipSync(Buffer.from(await response.arrayBuffer())).length).toBeGreaterThan(100);
    }
  });

  test('a second profile at the same time is 409, a silly duration 400', async () => {
    const first = world.ask('/debug/pprof/profile?seconds=1');
    const second = world.ask('/debug/pprof/profile?seconds=1');
    expect((await Promise.all([first, second])).map(({ status }) => status).sort()).toEqual([200, 409]);
    expect((await world.ask('/debug/pprof/profile?seconds=100000')).status).toBe(400);
  });
});

describe('a server that stops', () => {
  const body = { Repository: 'a/b', Ref: 'main', Type: 'Github', Projects: ['p'] };

  async function waiting(stopping: World): Promise<string> {
    await stopping.runs.until(() => [...stopping.runs.waiting.values()].some((count) => count > 0), 5_000);
    return [...stopping.runs.runs.keys()][0] ?? '';
  }

  test('refuses new runs, says so, finishes what it has and closes its listener last', async () => {
    const stopping = await openWorld({ stopTimeoutMs: 20_000 });
    const answer = stopping.post('/api/plan', body);
    const id = await waiting(stopping);
    stopping.readiness.stopping();
    const stopped = stopping.gateway.stop();
    const refused = await stopping.post('/api/plan', body);
    expect([refused.status, await refused.json()]).toEqual([503, { error: expect.stringContaining('shutting down') }]);
    expect(await (await stopping.fetch('/status')).json()).toMatchObject({
      shutting_down: true,
      in_progress_operations: 1,
    });
    expect((await stopping.fetch('/readyz')).status).toBe(503);
    stopping.runs.finish(id, 'success', [{ execution: {}, texts: { plan_output: 'done' } }]);
    expect((await answer).status).toBe(200);
    await stopped;
    await expect(stopping.fetch('/healthz')).rejects.toThrow();
    await stopping.stop();
  });

  test('tells those who would wait too long where to ask', async () => {
    const stopping = await openWorld({ stopTimeoutMs: 500 });
    const answer = stopping.post('/api/plan', body);
    const id = await waiting(stopping);
    const stopped = stopping.gateway.stop();
    const response = await answer;
    expect([response.status, (await read(AtlantisError, response)).error]).toEqual([
      503,
      expect.stringContaining(`/api/runs/${id}`),
    ]);
    expect(stopping.runs.get(id)).toMatchObject({ cancelRequestedAt: null });
    await stopped;
    await stopping.stop();
  });

  test('is not held up by a reader that does not read', async () => {
    const stopping = await openWorld({ stopTimeoutMs: 1_000 });
    const { id } = await read(Accepted, stopping.post('/api/plan', body, { Prefer: 'respond-async' }));
    stopping.runs.log(id, ...Array.from({ length: 20_000 }, () => 'x'.repeat(1_000)));
    const reader = connect({ port: Number(new URL(stopping.gateway.url).port), host: '127.0.0.1' });
    reader.on('error', () => undefined).pause();
    reader.write(`GET /api/runs/${id}/logs HTTP/1.1\r\nHost: x\r\nX-Atlantis-Token: ${token}\r\n\r\n`);
    await stopping.runs.until(() => stopping.runs.logReads > 2, 5_000);
    await stopping.gateway.stop();
    reader.destroy();
    await stopping.stop();
  });
});

test('the secret and a bug stay in the log, the secret not even there', async () => {
  world.runs.onStart = () => {
    throw new AppError('INTERNAL', 'details of a bug');
  };
  const response = await world.post('/api/plan', { Repository: 'a/b', Ref: 'main', Type: 'Github', Projects: ['p'] });
  expect([response.status, await response.text()]).toEqual([500, expect.stringContaining('internal error')]);
  expect(world.logged.join('')).toContain('details of a bug');
  expect(world.logged.join('')).not.toContain(token);
});
