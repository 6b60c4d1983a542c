// Runs as things of their own: asynchronous, repeated, left alone, followed, listed, canceled, drained.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { LogLine, Run, RunSummary } from '@terramesh/contracts';
import { until } from '@terramesh/testing';
import { expectNothingLeft } from './src/nothing-left.js';
import { type EventReader, openEvents } from './src/server-sent-events.js';
import { apiSecret } from './src/system.js';
import { type RunResult, request, resource, running, startWorld, type World } from './src/world.js';

const respondAsync = { Prefer: 'respond-async' };

describe.each(['inproc', 'nats'] as const)('over %s', (mesh) => {
  let world: World;
  let folder: string;
  let isStopped = false;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'terramesh-runs-'));
    world = await startWorld({ mesh, settings: { TERRAMESH_CONCURRENCY: '4' } });
    await world.host.create('acme/infra', { 'a/main.tf': resource(), 'b/main.tf': resource() });
    const gate = join(folder, 'gate');
    const talk = `for i in 1 2 3; do echo "word $i"; while [ ! -e ${gate}-$i ]; do sleep 0.02; done; done`;
    await world.host.create('acme/talk', { 'main.tf': running(talk) });
  });
  afterAll(async () => {
    await world?.stop();
    await rm(folder, { recursive: true, force: true });
  });
  afterEach(async () => {
    if (!isStopped) await expectNothingLeft(world);
  });

  const runOf = async (id: string) => (await world.http('GET', `/api/runs/${id}`)).json<Run>();
  const finished = (id: string) =>
    until(async () => ((await runOf(id)).status === 'finished' ? runOf(id) : undefined), {
      timeoutMs: 20_000,
      describe: `the end of ${id}`,
    });
  const start = async (body: object, headers: Record<string, string> = {}) => {
    const answer = await world.plan(body, { headers: { ...respondAsync, ...headers } });
    expect(answer.status).toBe(202);
    const { id } = answer.json<{ id: string }>();
    expect(answer.headers.get('location')).toBe(`/api/runs/${id}`);
    return id;
  };
  const list = async (query: string) =>
    (await world.http('GET', `/api/runs?${query}`)).json<{ runs: RunSummary[]; next: string | null }>();

  test('a run is started, polled, and answered in full when it is asked for again with its key', async () => {
    const id = await start(request(['a']), { 'Idempotency-Key': 'polled' });
    expect(await finished(id)).toMatchObject({
      kind: 'plan',
      outcome: 'success',
      repository: 'acme/infra',
      commit: expect.stringMatching(/^[0-9a-f]{40}$/),
      executions: [{ state: 'planned', plan: { toAdd: 1, toChange: 0, toDestroy: 0, summary: expect.any(String) } }],
    });
    const answer = await world.plan(request(['a']), { headers: { 'Idempotency-Key': 'polled' } });
    expect([answer.status, answer.headers.get('location')]).toEqual([200, `/api/runs/${id}`]);
    expect(answer.json<RunResult>().ProjectResults[0]?.PlanSuccess?.TerraformOutput).toContain('Plan: 1 to add');
  });

  test('100 calls at once with one key are one run; another body with the key is 409', async () => {
    const headers = { 'Idempotency-Key': 'once' };
    const body = request(['a'], { Repository: 'acme/infra', PR: 41 });
    const ids = await Promise.all(Array.from({ length: 100 }, () => start(body, headers)));
    expect(new Set(ids).size).toBe(1);
    for (const other of [request(['b'], { PR: 41 }), request(['a'])]) {
      const refused = await world.plan(other, { headers });
      expect([refused.status, refused.text]).toEqual([409, expect.stringContaining(ids[0] ?? '')]);
    }
    expect((await world.apply(body, { headers })).status).toBe(409);
    await finished(ids[0] ?? '');
    const ofPull = (await list('limit=100')).runs.filter(({ pull }) => pull === 41);
    expect(ofPull).toHaveLength(1);
  });

  test('a caller that hangs up leaves the run alone', async () => {
    const hold = await world.tools.hold('apply', 'a');
    const hangUp = new AbortController();
    const answer = world.apply(request(['a']), { signal: hangUp.signal });
    answer.catch(() => {});
    await hold.reached();
    const [latest] = (await list('limit=1')).runs;
    hangUp.abort();
    await expect(answer).rejects.toThrow('aborted');
    await hold.release();
    expect(await finished(latest?.id ?? '')).toMatchObject({ outcome: 'success', executions: [{ state: 'applied' }] });
    expect((await world.plan(request(['a']))).text).toContain('No changes.');
  });

  test('its log is followed line by line, also by a reader that lost its connection', async () => {
    const answer = world.apply(request(['.'], { Repository: 'acme/talk' }));
    const says = async (reader: EventReader, text: string) => {
      for (;;) {
        const event = await reader.next();
        const line = JSON.parse(event?.data ?? 'null') as LogLine | null;
        if (line === null || event?.id !== String(line.number))
          throw new Error(`${JSON.stringify(event)} came before ${text}`);
        seen.push(line);
        if (line.text.includes(text)) return line;
      }
    };
    const seen: LogLine[] = [];
    const id = await until(async () => (await list('repository=acme/talk&limit=1')).runs[0]?.id);
    const path = `${world.url}/api/runs/${id}/logs`;

    const first = await openEvents(path, { 'X-Atlantis-Token': apiSecret });
    const heard = await says(first, 'word 1');
    await first.close();
    await writeFile(join(folder, 'gate-1'), '');
    const second = await openEvents(path, { 'X-Atlantis-Token': apiSecret, 'Last-Event-ID': String(heard.number) });
    await says(second, 'word 2');
    await writeFile(join(folder, 'gate-2'), '');
    await says(second, 'word 3');
    await writeFile(join(folder, 'gate-3'), '');
    await says(second, 'Apply complete!');
    expect((await answer).status).toBe(200);
    for (let event = await second.next(); event !== undefined; event = await second.next()) {
      if (event.event === 'end')
        expect(JSON.parse(event.data)).toEqual({ runId: id, status: 'finished', outcome: 'success' });
      else seen.push(JSON.parse(event.data));
    }
    expect(seen.map(({ number }) => number)).toEqual(seen.map((_, index) => index + 1));
    const text = await world.http('GET', `/api/runs/${id}/logs`);
    expect(text.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(text.text).toBe(seen.map((line) => `${line.text}\n`).join(''));
    expect((await world.http('GET', `/api/runs/${id}/logs?after=${seen.length - 1}`)).text).toBe(
      `${seen.at(-1)?.text}\n`,
    );
  });

  test('runs are listed newest first, page by page, by repository and status', async () => {
    await world.host.create('acme/listed', { 'main.tf': resource() });
    const body = request(['missing'], { Repository: 'acme/listed' });
    const ids: string[] = [];
    for (let count = 0; count < 5; count += 1) ids.unshift(await start(body));
    await Promise.all(ids.map(finished));
    const pages: string[][] = [];
    for (let next: string | null = ''; next !== null; ) {
      const page = await list(`repository=acme/listed&status=finished&limit=2${next === '' ? '' : `&after=${next}`}`);
      pages.push(page.runs.map(({ id }) => id));
      next = page.next;
    }
    expect(pages).toEqual([ids.slice(0, 2), ids.slice(2, 4), ids.slice(4)]);
    expect(await list('repository=acme/listed&status=running')).toEqual({ runs: [], next: null });
    expect((await world.http('GET', '/api/runs?after=nonsense')).status).toBe(400);
    expect((await world.http('GET', `/api/runs/run-${'z'.repeat(16)}`)).status).toBe(404);
  });

  test('a run is canceled while it plans, while it waits and while it applies', async () => {
    const hold = await world.tools.hold('plan', 'b');
    const planning = await start(request(['b']));
    await hold.reached();
    const waiting = await start(request(['b']));
    await until(async () => (await runOf(waiting)).executions[0]?.waitingFor?.startsWith('its lock'));
    for (const id of [waiting, planning]) {
      expect((await world.http('POST', `/api/runs/${id}/cancel`)).status).toBe(200);
      expect(await finished(id)).toMatchObject({ outcome: 'canceled', executions: [{ state: 'canceled' }] });
    }
    await hold.release();

    await world.host.create('acme/long', {
      'main.tf': `${resource()}${running('while true; do sleep 0.05; done', 'b')}`,
    });
    const answer = world.apply(request(['.'], { Repository: 'acme/long' }));
    const id = await until(async () => (await list('repository=acme/long&limit=1')).runs[0]?.id);
    await until(async () =>
      (await world.http('GET', `/api/runs/${id}/logs`)).text.includes('terraform_data.a: Creation complete'),
    );
    await world.http('POST', `/api/runs/${id}/cancel`);
    const [result] = (await answer).json<RunResult>().ProjectResults;
    expect([(await answer).status, result]).toMatchObject([
      500,
      { Error: expect.stringContaining('was canceled'), ApplySuccess: '' },
    ]);
    // Terraform was asked to stop, and wrote down what it had done.
    const rest = await world.plan(request(['.'], { Repository: 'acme/long' }));
    expect(rest.text).toContain('terraform_data.b');
    expect(rest.text).not.toContain('# terraform_data.a will be created');
  });

  test('a gateway that stops refuses new runs and answers for those it has', async () => {
    const hold = await world.tools.hold('plan', 'b');
    const answer = world.plan(request(['b']));
    await hold.reached();
    const stopped = world.gateway.stop();
    await until(async () => (await world.http('GET', '/status')).json<{ shutting_down: boolean }>().shutting_down);
    expect((await world.http('GET', '/status')).json()).toMatchObject({
      in_progress_operations: 1,
      shutting_down: true,
    });
    for (const refused of [await world.plan(request(['a'])), await world.apply(request(['a']))])
      expect([refused.status, refused.text]).toEqual([
        503,
        '{"error":"this server is shutting down and accepts no new runs"}\n',
      ]);
    await hold.release();
    expect((await answer).status).toBe(200);
    await stopped;
    await expect(world.http('GET', '/healthz')).rejects.toThrow();
    isStopped = true;
  });
});
