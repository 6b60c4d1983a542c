import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { AppError, AtlantisError, AtlantisRunResult, RunId } from '@terramesh/contracts';
import { z } from 'zod';
import { read } from './stand-ins/read.js';
import { openWorld, token, type World } from './stand-ins/world.js';

const body = {
  Repository: 'owner/repo',
  Ref: 'main',
  Type: 'Github',
  Paths: [{ Directory: '.', Workspace: 'default' }],
  PR: 2,
};

const Accepted = z.object({ id: RunId });

let world: World;

beforeEach(async () => {
  world = await openWorld();
});
afterEach(async () => {
  await world.stop();
});

/** The id of the run that was started as number `count`, as soon as somebody waits for it. */
async function waitedFor(count = 1): Promise<string> {
  await world.runs.until(
    () => [...world.runs.waiting.values()].filter((waiting) => waiting > 0).length >= count,
    5_000,
  );
  const id = [...world.runs.runs.keys()][count - 1];
  if (id === undefined) throw new Error('no run was started');
  return id;
}

describe('the answer of a finished run', () => {
  test('a plan that succeeds is 200 with the body of the seed', async () => {
    const answer = world.post('/api/plan', body);
    const id = await waitedFor();
    world.runs.finish(id, 'success', [{ execution: {}, texts: { plan_output: 'No changes.' } }]);
    const response = await answer;
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(response.headers.get('location')).toBe(`/api/runs/${id}`);
    const lockUrl = `${world.gateway.url.replace('127.0.0.1', 'localhost')}/lock?id=owner%252Frepo%252F.%252Fdefault%252F`;
    expect(await response.text()).toBe(
      `{"Error":null,"Failure":"","ProjectResults":[{"Command":1,"RepoRelDir":".","Workspace":"default","Error":null,"Failure":"","PlanSuccess":{"TerraformOutput":"No changes.","LockURL":"${lockUrl}","RePlanCmd":"atlantis plan -d .","ApplyCmd":"atlantis apply -d .","HasDiverged":false},"PolicyCheckSuccess":null,"ApplySuccess":"","VersionSuccess":"","ProjectName":""}],"PlansDeleted":false}\n`,
    );
    expect(world.runs.starts[0]).toMatchObject({ kind: 'plan', pull: 2, repository: 'owner/repo', user: '' });
  });

  test('an apply answers with apply results only', async () => {
    const answer = world.post('/api/apply', body);
    world.runs.finish(await waitedFor(), 'success', [
      { execution: { state: 'applied' }, texts: { plan_output: 'plan', apply_output: 'Apply complete!' } },
      { execution: { state: 'no_changes' }, texts: { plan_output: 'No changes.' } },
    ]);
    const result = await read(AtlantisRunResult, answer);
    expect(result.ProjectResults).toMatchObject([
      { Command: 0, PlanSuccess: null, ApplySuccess: 'Apply complete!' },
      { Command: 0, PlanSuccess: null, ApplySuccess: 'No changes.' },
    ]);
    expect(world.runs.starts[0]).toMatchObject({ kind: 'apply' });
  });

  test('one failed project makes it 500 with the whole body', async () => {
    const answer = world.post('/api/plan', body);
    world.runs.finish(await waitedFor(), 'partial', [
      { execution: {}, texts: { plan_output: 'Plan: 1 to add' } },
      { execution: { state: 'plan_failed' }, texts: { error: 'boom' } },
      { execution: { state: 'plan_failed' }, texts: { failure: 'This project is currently locked' } },
    ]);
    const response = await answer;
    expect(response.status).toBe(500);
    expect((await read(AtlantisRunResult, response)).ProjectResults).toMatchObject([
      { Error: null, PlanSuccess: { TerraformOutput: 'Plan: 1 to add' } },
      { Error: 'boom', Failure: '', PlanSuccess: null },
      { Error: null, Failure: 'This project is currently locked', PlanSuccess: null },
    ]);
  });

  test('an unknown outcome is 500 and says so', async () => {
    const answer = world.post('/api/apply', body);
    const id = await waitedFor();
    world.runs.finish(id, 'failed', [{ execution: { state: 'outcome_unknown' }, texts: { apply_output: 'half' } }]);
    const response = await answer;
    expect(response.status).toBe(500);
    const [result] = (await read(AtlantisRunResult, response)).ProjectResults;
    expect(result).toMatchObject({ ApplySuccess: '', Error: expect.stringContaining('unknown') });
    expect(result?.Error).toContain(id);
  });

  test('a run that ended before its targets were known answers with its own error', async () => {
    const answer = world.post('/api/plan', body);
    world.runs.fail(await waitedFor(), { code: 'UNPROCESSABLE', message: 'atlantis.yaml: line 3' });
    const response = await answer;
    expect(response.status).toBe(422);
    expect(await response.text()).toBe('{"error":"atlantis.yaml: line 3"}\n');
  });

  test('texts of many megabytes in many pieces arrive whole', async () => {
    world.runs.pieceLength = 300_000;
    const long = 'é<0123456789>'.repeat(400_000);
    const answer = world.post('/api/plan', body);
    const executions = Array.from({ length: 4 }, () => ({ execution: {}, texts: { plan_output: long } }));
    world.runs.finish(await waitedFor(), 'success', executions);
    const result = await read(AtlantisRunResult, answer);
    const outputs = result.ProjectResults.map((project) => project.PlanSuccess?.TerraformOutput === long);
    expect(outputs).toEqual([true, true, true, true]);
  });
});

describe('the order of checks', () => {
  const garbage = { method: 'POST', body: '{garbage' };

  test.each(['/api/plan', '/api/apply'])(
    '%s without a configured secret is 400, whatever else is wrong',
    async (path) => {
      const closed = await openWorld({ env: { TERRAMESH_API_SECRET: '' } });
      const response = await closed.fetch(path, garbage);
      expect(response.status).toBe(400);
      expect(await response.text()).toBe('{"error":"ignoring request since API is disabled"}\n');
      await closed.stop();
    },
  );

  test.each([[undefined], ['wrong'], [`${token} `.repeat(2)], [token.toUpperCase()]])(
    'token %j with a bad body is 401',
    async (wrong) => {
      const response = await world.fetch('/api/plan', {
        ...garbage,
        headers: wrong ? { 'X-Atlantis-Token': wrong } : {},
      });
      expect(response.status).toBe(401);
      expect(await response.text()).toBe('{"error":"header X-Atlantis-Token did not match expected secret"}\n');
    },
  );

  test('a wrong token is refused before the body is there', async () => {
    const status = await new Promise((resolve, reject) => {
      const sent = request(`${world.gateway.url}/api/plan`, { method: 'POST', headers: { 'content-length': 500_000 } });
      sent.on('response', (response) => resolve(response.statusCode)).on('error', reject);
      sent.flushHeaders();
    });
    expect(status).toBe(401);
  });

  test.each([
    ['{garbage', /^failed to parse request: /],
    ['', /^failed to parse request: unexpected end of JSON input$/],
    ['{}', /is missing fields: Repository, Ref, Type$/],
    [JSON.stringify({ ...body, PR: -1 }), /^PR: must not be negative$/],
    [JSON.stringify({ ...body, Paths: [] }), /^at least one of Projects or Paths must be specified$/],
  ])('body %j is 400', async (text, message) => {
    const response = await world.ask('/api/plan', { method: 'POST', body: text });
    expect(response.status).toBe(400);
    expect((await read(AtlantisError, response)).error).toMatch(message);
    expect(world.runs.starts).toHaveLength(0);
  });

  test('a repository that the allowlist refuses is 403', async () => {
    world.runs.onStart = () => {
      throw new AppError('FORBIDDEN', 'repo not allowlisted');
    };
    const response = await world.post('/api/plan', body);
    expect(response.status).toBe(403);
    expect(await response.text()).toBe('{"error":"repo not allowlisted"}\n');
  });

  test.each(['sized', 'chunked'])('a %s body over the limit is 413', async (kind) => {
    const text = JSON.stringify({ ...body, Filler: 'x'.repeat(1024 * 1024) });
    const response = await world.ask('/api/plan', {
      method: 'POST',
      body: kind === 'sized' ? text : new Blob([text]).stream(),
      ...({ duplex: 'half' } as object),
    });
    expect(response.status).toBe(413);
    expect(await response.json()).toEqual({ error: expect.stringContaining('too large') });
  });

  test.each([['text/plain'], ['application/x-www-form-urlencoded'], ['garbage'], ['application/json'], [undefined]])(
    'content type %j is not looked at',
    async (type) => {
      const status = await new Promise<number | undefined>((resolve, reject) => {
        const headers = {
          'X-Atlantis-Token': token,
          Prefer: 'respond-async',
          ...(type ? { 'content-type': type } : {}),
        };
        const sent = request(`${world.gateway.url}/api/plan`, { method: 'POST', headers });
        sent.on('response', (response) => resolve(response.statusCode)).on('error', reject);
        sent.end(JSON.stringify(body));
      });
      expect(status).toBe(202);
    },
  );
});

describe('asynchronous and repeated calls', () => {
  test('respond-async answers 202 with the place of the run', async () => {
    const response = await world.post('/api/plan', body, { Prefer: 'wait=5, Respond-Async' });
    const [id] = world.runs.runs.keys();
    expect(response.status).toBe(202);
    expect(response.headers.get('location')).toBe(`/api/runs/${id}`);
    expect(response.headers.get('preference-applied')).toBe('respond-async');
    expect(await response.text()).toBe(`{"id":"${id}"}\n`);
  });

  test('the same idempotency key and body give the same run, another body 409', async () => {
    const headers = { Prefer: 'respond-async', 'Idempotency-Key': 'key-1' };
    const first = await read(Accepted, world.post('/api/plan', body, headers));
    const again = await read(Accepted, world.post('/api/plan', body, headers));
    expect(again).toEqual(first);
    expect(world.runs.starts).toHaveLength(1);
    const conflict = await world.post('/api/plan', { ...body, Ref: 'other' }, headers);
    expect(conflict.status).toBe(409);
    expect(await conflict.json()).toEqual({ error: expect.stringContaining('idempotency key') });
  });

  test.each([[''], ['two words'], ['x'.repeat(256)]])('idempotency key %j is 400', async (key) => {
    const response = await world.post('/api/plan', body, { 'Idempotency-Key': key });
    expect(response.status).toBe(400);
    expect(world.runs.starts).toHaveLength(0);
  });

  test('a start whose answer was lost is repeated and starts one run', async () => {
    let attempts = 0;
    const keys = new Set<string | null>();
    world.runs.onStart = ({ idempotencyKey }) => {
      keys.add(idempotencyKey);
      attempts += 1;
      if (attempts < 3) throw new AppError('TIMEOUT', 'no answer');
    };
    const response = await world.post('/api/plan', body, { Prefer: 'respond-async' });
    expect(response.status).toBe(202);
    expect([attempts, keys.size, world.runs.starts.length]).toEqual([3, 1, 1]);
  });
});

describe('callers and services that go away', () => {
  test('a caller that hangs up ends the waiting and not the run', async () => {
    const hangUp = new AbortController();
    const answer = world.ask('/api/plan', { method: 'POST', body: JSON.stringify(body), signal: hangUp.signal });
    const id = await waitedFor();
    hangUp.abort();
    await expect(answer).rejects.toThrow();
    expect(world.runs.get(id)).toMatchObject({ status: 'received', cancelRequestedAt: null });
    await world.runs.until(() => world.logged.some((line) => line.includes('"route":"/api/plan"')), 5_000);
    const before = world.runs.waits;
    world.runs.change(id, { status: 'running' });
    await world.fetch('/healthz');
    expect(world.runs.waits).toBe(before);
  });

  test('a waiting caller does not notice that the runs service was restarted', async () => {
    const answer = world.post('/api/plan', body);
    const id = await waitedFor();
    await world.stopRuns();
    world.runs.finish(id, 'success', [{ execution: {}, texts: { plan_output: 'fine' } }]);
    await world.startRuns();
    expect((await answer).status).toBe(200);
  });

  test('a bug behind the gateway is 500 with the id of the request and nothing else', async () => {
    world.runs.onStart = () => {
      throw new Error('secret stack');
    };
    const response = await world.post('/api/plan', body, { 'X-Request-Id': 'req-7' });
    expect(response.status).toBe(500);
    expect(await response.text()).toBe('{"error":"internal error (request id req-7)"}\n');
    expect(response.headers.get('x-request-id')).toBe('req-7');
  });
});
