import { afterEach, expect, test } from '@jest/globals';
import { type HealthServer, startHealthServer } from './health-server.js';
import { createLogger } from './logger.js';
import { openMetrics } from './metrics.js';
import type { ReadinessReport } from './readiness.js';

let server: HealthServer | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function get(path: string, report: ReadinessReport = { status: 'ok' }, method = 'GET') {
  const logger = createLogger({ level: 'silent' });
  const metrics = path === '/metrics' ? await openMetrics() : undefined;
  metrics?.observer.called({ subject: 'locks.acquire', outcome: 'ok', durationMs: 3 });
  metrics?.observer.served({ subject: 'locks.acquire', outcome: 'CONFLICT', durationMs: 3 });
  server = await startHealthServer({ host: '127.0.0.1', port: 0, ready: async () => report, metrics, logger });
  const response = await fetch(`http://127.0.0.1:${server.port}${path}`, { method });
  return { status: response.status, type: response.headers.get('content-type'), body: await response.text() };
}

const broken: ReadinessReport = { status: 'error', error: 'mesh: no connection' };

test.each([
  ['/healthz', broken, 200, '{\n  "status": "ok"\n}'],
  ['/readyz', { status: 'ok' }, 200, '{\n  "status": "ok"\n}'],
  ['/readyz?verbose', broken, 503, '{"status":"error","error":"mesh: no connection"}'],
] as const)('%s', async (path, report, status, body) => {
  expect(await get(path, report)).toEqual({ status, type: 'application/json', body });
});

test('/metrics has the process, the calls and what was served', async () => {
  const { status, type, body } = await get('/metrics');
  expect([status, type]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
  expect(body).toContain('process_resident_memory_bytes');
  expect(body).toContain('terramesh_mesh_call_seconds_count{subject="locks.acquire",outcome="ok"} 1');
  expect(body).toContain('terramesh_mesh_serve_seconds_count{subject="locks.acquire",outcome="CONFLICT"} 1');
});

test('anything else is not found, and nothing but GET is allowed', async () => {
  expect((await get('/')).status).toBe(404);
  await server?.close();
  expect((await get('/healthz', { status: 'ok' }, 'POST')).status).toBe(405);
});

test('a taken port is an error', async () => {
  await get('/healthz');
  const options = {
    host: '127.0.0.1',
    port: server?.port ?? 0,
    metrics: undefined,
    logger: createLogger({ level: 'silent' }),
  };
  await expect(startHealthServer({ ...options, ready: async () => broken })).rejects.toThrow('EADDRINUSE');
});
