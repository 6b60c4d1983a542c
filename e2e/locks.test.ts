// Who waits for whom, who is refused, and what deleting a lock does.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { type LockHolder, locks, type Run } from '@terramesh/contracts';
import { Mesh } from '@terramesh/mesh';
import { until } from '@terramesh/testing';
import { expectNothingHeld, expectNothingLeft } from './src/nothing-left.js';
import { type RunResult, request, resource, running, startWorld, type World } from './src/world.js';

const respondAsync = { headers: { Prefer: 'respond-async' } };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'terramesh-locks-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function open(mesh: 'inproc' | 'nats', settings: Record<string, string> = {}): Promise<World> {
  const world = await startWorld({ mesh, settings: { TERRAMESH_CONCURRENCY: '4', ...settings } });
  await world.host.create('acme/infra', {
    'a/main.tf': resource(),
    'b/main.tf': resource(),
    'applied/main.tf': running(`echo x >> ${join(folder, `${mesh}-applied`)}`),
  });
  return world;
}

const results = (answer: { json<T>(): T }) => answer.json<RunResult>().ProjectResults;
const runOf = async (world: World, id: string) => (await world.http('GET', `/api/runs/${id}`)).json<Run>();
const startAsync = async (world: World, body: object) => {
  const answer = await world.plan(body, respondAsync);
  expect(answer.status).toBe(202);
  return answer.json<{ id: string }>().id;
};
const finished = (world: World, id: string) =>
  until(async () => ((await runOf(world, id)).status === 'finished' ? runOf(world, id) : undefined), {
    timeoutMs: 20_000,
    describe: `the end of ${id}`,
  });

describe.each(['inproc', 'nats'] as const)('over %s', (mesh) => {
  let world: World;
  beforeAll(async () => {
    world = await open(mesh);
  });
  afterAll(async () => {
    await world?.stop();
  });
  afterEach(() => expectNothingLeft(world));

  test('calls for the same target queue, whoever they are for, and none fails', async () => {
    const hold = await world.tools.hold('plan', 'a');
    const first = world.plan(request(['a'], { PR: 2 }));
    await hold.reached();
    expect((await world.http('GET', '/status')).json()).toMatchObject({
      in_progress_operations: 1,
      shutting_down: false,
    });
    const [lock, ...others] = JSON.parse((await world.http('GET', '/api/locks')).text).Locks;
    expect(others).toEqual([]);
    expect(JSON.stringify(lock)).toBe(
      `{"Name":"acme/infra/a/default/","ProjectName":"","ProjectRepo":"acme/infra","ProjectRepoPath":"a","PullID":"2","PullURL":"","User":"","Workspace":"default","Time":"${lock.Time}"}`,
    );
    expect(lock.Time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+(Z|[+-]\d\d:\d\d)$/);

    const ids: string[] = [];
    for (const more of [{ PR: 2 }, { PR: 3 }, {}]) ids.push(await startAsync(world, request(['a', 'b'], more)));
    for (const id of ids) {
      const waiting = async () => (await runOf(world, id)).executions[0]?.waitingFor;
      await until(async () => /^its lock, held by run run-/.test((await waiting()) ?? ''), { describe: 'it waits' });
    }
    expect((await world.http('GET', '/status')).json()).toMatchObject({ in_progress_operations: 4 });
    await hold.release();
    expect((await first).status).toBe(200);
    for (const id of ids) expect(await finished(world, id)).toMatchObject({ outcome: 'success' });
  });

  test('calls that want the same targets in opposite order all end', async () => {
    const bodies = [0, 1, 2, 3, 4, 5].map((index) => request(index % 2 === 0 ? ['a', 'b'] : ['b', 'a']));
    const answers = await Promise.all(bodies.map((body) => world.plan(body)));
    expect(answers.map(({ status }) => status)).toEqual(bodies.map(() => 200));
  });

  test('a lock without a pull request shows its run; its page opens where the answer says', async () => {
    const hold = await world.tools.hold('plan', 'a');
    const id = await startAsync(world, request(['a']));
    await hold.reached();
    const [lock] = (await world.http('GET', '/api/locks')).json<{ Locks: { PullID: string; Name: string }[] }>().Locks;
    expect(lock).toMatchObject({ PullID: `run ${id}` });
    const page = await world.http('GET', `/lock?id=${encodeURIComponent(encodeURIComponent(lock?.Name ?? ''))}`);
    expect([page.status, page.text.includes(id)]).toEqual([200, true]);
    await hold.release();
    await finished(world, id);
  });

  test('a lock deleted while its plan is made takes the plan with it', async () => {
    const hold = await world.tools.hold('plan', 'a');
    const answer = world.plan(request(['a', 'b']));
    await hold.reached();
    const deleted = await world.http('DELETE', '/locks?id=acme%252Finfra%252Fa%252Fdefault%252F');
    expect([deleted.status, deleted.text]).toEqual([200, "Deleted lock id 'acme%2Finfra%2Fa%2Fdefault%2F'\n"]);
    await until(async () => results(await answer).length === 2, { timeoutMs: 20_000 });
    await hold.release();
    const { status } = await answer;
    expect([status, ...results(await answer)]).toMatchObject([
      500,
      { RepoRelDir: 'a', PlanSuccess: null, Failure: expect.stringContaining('canceled') },
      { RepoRelDir: 'b', Failure: '', PlanSuccess: { TerraformOutput: expect.stringContaining('Plan: 1 to add') } },
    ]);
    expect((await world.http('DELETE', '/locks?id=acme%2Finfra%2Fa%2Fdefault%2F')).status).toBe(404);
    expect((await world.plan(request(['a']))).status).toBe(200);
  });

  test('a lock cannot be deleted while its apply runs, which ends well', async () => {
    const hold = await world.tools.hold('apply', 'applied');
    const answer = world.apply(request(['applied']));
    await hold.reached();
    const refused = await world.http('DELETE', '/locks?id=acme%2Finfra%2Fapplied%2Fdefault%2F');
    expect([refused.status, refused.text]).toEqual([409, expect.stringMatching(/^deleting lock failed with: '/)]);
    await hold.release();
    expect((await answer).status).toBe(200);
    expect(await readFile(join(folder, `${mesh}-applied`), 'utf8')).toBe('x\n');
  });

  test('the global apply lock blocks applies and nothing else', async () => {
    await world.http('POST', '/apply/lock');
    const body = request(['a']);
    const blocked = await world.apply(body);
    expect([blocked.status, ...results(blocked)]).toMatchObject([
      500,
      { Command: 0, Error: null, Failure: expect.stringMatching(/^apply is disabled globally/), ApplySuccess: '' },
    ]);
    expect((await world.plan(body)).text).toContain('Plan: 1 to add');
    expect((await world.http('DELETE', '/apply/unlock')).text).toBe('Deleted apply lock\n');
    expect((await world.apply(body)).status).toBe(200);
  });
});

describe('with a short patience', () => {
  let world: World;
  let mesh: Mesh;
  const key = {
    hostname: 'github.com',
    repository: 'acme/infra',
    directory: 'a',
    terraformWorkspace: 'default',
    name: '',
  };
  const pull: LockHolder = { kind: 'pull', pull: 7 };

  beforeAll(async () => {
    world = await open('inproc', { TERRAMESH_LOCK_WAIT_SECONDS: '1' });
    mesh = new Mesh(world.link, 'test');
  });
  afterAll(async () => {
    await world?.stop();
  });

  test('a target whose lock stays with another run fails with the reason; the others go on', async () => {
    const hold = await world.tools.hold('plan', 'a');
    const first = await startAsync(world, request(['a'], { PR: 2 }));
    await hold.reached();
    const answer = await world.plan(request(['a', 'b']));
    const failure = new RegExp(
      `^This project is still locked by run ${first} of pull #2 after a wait of [1-9]\\d* seconds\\. To continue, wait until the lock is released, or delete it\\.\n\nOnce the lock is released, comment \`atlantis plan\` here to re-plan\\.$`,
    );
    expect([answer.status, ...results(answer)]).toMatchObject([
      500,
      { RepoRelDir: 'a', Error: null, Failure: expect.stringMatching(failure), PlanSuccess: null },
      { RepoRelDir: 'b', Error: null, Failure: '' },
    ]);
    await hold.release();
    expect(await finished(world, first)).toMatchObject({ outcome: 'success' });
    await expectNothingHeld(world);
  });

  test("another pull request's lock refuses at once, its own pull request passes and leaves it", async () => {
    await mesh.call(locks.acquire, { holder: pull, keys: [key], user: 'jdoe', url: 'https://example.com/7' });
    const failure =
      'This project is currently locked by an unapplied plan from pull #7. To continue, delete the lock from #7 or apply that plan and merge the pull request.\n\nOnce the lock is released, comment `atlantis plan` here to re-plan.';
    for (const more of [{ PR: 8 }, {}]) {
      const answer = await world.plan(request(['a', 'b'], more));
      expect([answer.status, ...results(answer)]).toMatchObject([
        500,
        { RepoRelDir: 'a', Error: null, Failure: failure, PlanSuccess: null },
        { RepoRelDir: 'b', Failure: '' },
      ]);
    }
    expect((await world.plan(request(['a', 'b'], { PR: 7 }))).status).toBe(200);
    const held = (await world.http('GET', '/api/locks')).json<{ Locks: object[] }>().Locks;
    expect(held).toMatchObject([{ PullID: '7', User: 'jdoe', PullURL: 'https://example.com/7', ProjectRepoPath: 'a' }]);
    await world.http('DELETE', '/locks?id=acme%2Finfra%2Fa%2Fdefault%2F');
    await expectNothingHeld(world);
  });
});
