import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { RunId, RunSummary } from '@terramesh/contracts';
import { z } from 'zod';
import { read } from './stand-ins/read.js';
import { openWorld, token, type World } from './stand-ins/world.js';

const body = { Repository: 'owner/repo', Ref: 'main', Type: 'Github', Projects: ['vpc'] };
const unknownId = `run-${'Z'.repeat(16)}`;

const Page = z.object({ runs: z.array(RunSummary), next: z.string().nullable() });

let world: World;

beforeEach(async () => {
  world = await openWorld();
});
afterEach(async () => {
  await world.stop();
});

async function startRun(part: object = {}): Promise<string> {
  const response = await world.post('/api/plan', { ...body, ...part }, { Prefer: 'respond-async' });
  return (await read(z.object({ id: RunId }), response)).id;
}

describe('runs', () => {
  test('are listed newest first, in pages, by repository and status', async () => {
    const ids = [await startRun(), await startRun({ Repository: 'other/repo' }), await startRun()];
    const first = await read(Page, world.ask('/api/runs?limit=2'));
    expect(first.runs.map((run) => run.id)).toEqual([ids[2], ids[1]]);
    const second = await read(Page, world.ask(`/api/runs?limit=2&after=${first.next}`));
    expect(second).toMatchObject({ runs: [{ id: ids[0] }], next: null });
    const filtered = await read(Page, world.ask('/api/runs?repository=other/repo&status=received'));
    expect(filtered.runs).toMatchObject([{ id: ids[1] }]);
  });

  test.each(['limit=0', 'limit=101', 'limit=x', 'status=nope', 'limit=1&limit=2'])('?%s is 400', async (query) => {
    const response = await world.ask(`/api/runs?${query}`);
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ error: expect.stringMatching(/^(limit|status)/) });
  });

  test('one is shown with its executions, and can be canceled', async () => {
    const id = await startRun();
    expect(await (await world.ask(`/api/runs/${id}`)).json()).toMatchObject({ id, executions: [] });
    const canceled = await world.ask(`/api/runs/${id}/cancel`, { method: 'POST' });
    expect(canceled.status).toBe(200);
    expect(await canceled.json()).toMatchObject({ id, cancelRequestedAt: expect.any(String) });
  });

  test.each([
    ['GET', ''],
    ['POST', '/cancel'],
    ['GET', '/logs'],
  ])('%s %s: a bad id is 400, an unknown one 404, without the token 401', async (method, rest) => {
    const bad = await world.ask(`/api/runs/nope${rest}`, { method });
    expect([bad.status, await bad.json()]).toEqual([400, { error: 'id: not a run id' }]);
    const unknown = await world.ask(`/api/runs/${unknownId}${rest}`, { method });
    expect([unknown.status, await unknown.json()]).toEqual([404, { error: `run ${unknownId} does not exist` }]);
    expect((await world.fetch(`/api/runs/${unknownId}${rest}`, { method })).status).toBe(401);
  });
});

describe('logs as text', () => {
  test('a snapshot ends at the last line so far', async () => {
    const id = await startRun();
    world.runs.log(id, 'one', 'two', 'three');
    const response = await world.ask(`/api/runs/${id}/logs?after=1`);
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(await response.text()).toBe('two\nthree\n');
  });

  test('a snapshot has every line of a long log', async () => {
    const id = await startRun();
    world.runs.log(id, ...Array.from({ length: 5_001 }, (_, index) => `line ${index}`));
    const lines = (await (await world.ask(`/api/runs/${id}/logs`)).text()).trimEnd().split('\n');
    expect([lines.length, lines.at(-1)]).toEqual([5_001, 'line 5000']);
  });

  test('follow goes on until the run ends', async () => {
    const id = await startRun();
    world.runs.log(id, 'one');
    const response = await world.ask(`/api/runs/${id}/logs?follow=true`);
    const text = response.text();
    world.runs.log(id, 'two');
    world.runs.finish(id, 'success', []);
    expect(await text).toBe('one\ntwo\n');
  });

  test.each(['after=-1', 'after=x', 'follow=maybe'])('?%s is 400', async (query) => {
    expect((await world.ask(`/api/runs/${await startRun()}/logs?${query}`)).status).toBe(400);
  });

  test('HEAD answers at once, even when it would follow', async () => {
    const response = await world.ask(`/api/runs/${await startRun()}/logs?follow=true`, { method: 'HEAD' });
    expect([response.status, await response.text()]).toEqual([200, '']);
  });
});

describe('logs as events', () => {
  const events = { Accept: 'text/event-stream' };
  const lineEvent = (number: number, text: string) =>
    `id: ${number}\ndata: {"number":${number},"at":"2025-01-21T10:30:00Z","executionId":null,"text":"${text}"}\n\n`;

  test('one event per line, then an end event', async () => {
    const id = await startRun();
    world.runs.log(id, 'one');
    const response = await world.ask(`/api/runs/${id}/logs`, { headers: events });
    const text = response.text();
    world.runs.log(id, 'two');
    world.runs.finish(id, 'failed', []);
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(await text).toBe(
      `retry: 2000\n\n${lineEvent(1, 'one')}${lineEvent(2, 'two')}event: end\ndata: {"runId":"${id}","status":"finished","outcome":"failed"}\n\n`,
    );
  });

  test('Last-Event-ID goes on where the reader was', async () => {
    const id = await startRun();
    world.runs.log(id, 'one', 'two');
    world.runs.finish(id, 'success', []);
    const response = await world.ask(`/api/runs/${id}/logs?after=0`, { headers: { ...events, 'Last-Event-ID': '1' } });
    expect(await response.text()).toContain(`\n\n${lineEvent(2, 'two')}event: end`);
    const bad = await world.ask(`/api/runs/${id}/logs`, { headers: { ...events, 'Last-Event-ID': 'x' } });
    expect(bad.status).toBe(400);
  });

  test('a reader outlives a restart of the runs service', async () => {
    const id = await startRun();
    const response = await world.ask(`/api/runs/${id}/logs`, { headers: events });
    const text = response.text();
    await world.stopRuns();
    world.runs.log(id, 'after');
    world.runs.finish(id, 'success', []);
    await world.startRuns();
    expect(await text).toContain(lineEvent(1, 'after'));
  });

  test('streams end when the server stops, without an end event', async () => {
    const id = await startRun();
    const response = await world.ask(`/api/runs/${id}/logs`, { headers: events });
    const text = response.text();
    await world.gateway.stop();
    expect(await text).not.toContain('event: end');
  });

  test('a slow reader is not read ahead for', async () => {
    const id = await startRun();
    world.runs.log(id, ...Array.from({ length: 20_000 }, () => 'x'.repeat(1_000)));
    const reader = connect({ port: Number(new URL(world.gateway.url).port), host: '127.0.0.1' });
    reader.write(`GET /api/runs/${id}/logs HTTP/1.1\r\nHost: x\r\nX-Atlantis-Token: ${token}\r\n\r\n`);
    reader.pause();
    await world.runs.until(() => world.runs.logReads > 2, 5_000);
    const readsOf = async () => {
      await world.ask(`/api/runs/${id}`);
      return world.runs.logReads;
    };
    let [before, now] = [0, await readsOf()];
    while (now > before) [before, now] = [now, await readsOf()];
    expect(now).toBeLessThan(30);
    reader.destroy();
  });
});
