import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { AppError, AtlantisLocks } from '@terramesh/contracts';
import { read } from './stand-ins/read.js';
import { openWorld, token, type World } from './stand-ins/world.js';

let world: World;

beforeAll(async () => {
  world = await openWorld();
});
afterAll(async () => {
  await world.stop();
});
beforeEach(() => {
  world.locks.held.clear();
  world.locks.applyLockSince = null;
});

const basic = { authorization: `Basic ${Buffer.from(`:${token}`).toString('base64')}` };
const id = encodeURIComponent(encodeURIComponent('owner/repo/./default/'));

async function textOf(response: Response): Promise<[number, string]> {
  return [response.status, await response.text()];
}

describe('GET /api/locks', () => {
  test('needs no token and has the shape of the seed', async () => {
    world.locks.hold({ url: 'url' });
    const response = await world.fetch('/api/locks');
    expect(await textOf(response)).toEqual([
      200,
      '{"Locks":[{"Name":"owner/repo/./default/","ProjectName":"","ProjectRepo":"owner/repo","ProjectRepoPath":".","PullID":"123","PullURL":"url","User":"jdoe","Workspace":"default","Time":"2025-02-13T16:47:42.040Z"}]}\n',
    ]);
  });

  test('none is an empty list', async () => {
    expect(await textOf(await world.fetch('/api/locks'))).toEqual([200, '{"Locks":[]}\n']);
  });

  test('a run without a pull request shows its id, one with a pull request the number', async () => {
    world.locks.hold({ directory: 'a', holder: { kind: 'run', runId: 'run-x', pull: null } });
    world.locks.hold({ directory: 'b', holder: { kind: 'run', runId: 'run-y', pull: 7 } });
    const { Locks } = await read(AtlantisLocks, world.fetch('/api/locks'));
    expect(Locks.map((lock) => lock.PullID)).toEqual(['run run-x', '7']);
  });

  test('10,000 locks are all there, sorted by name', async () => {
    const names = Array.from({ length: 10_000 }, (_, index) => `d${index}`);
    for (const directory of names) world.locks.hold({ directory });
    const { Locks } = await read(AtlantisLocks, world.fetch('/api/locks'));
    const shown = Locks.map((lock) => lock.Name);
    expect(shown).toEqual(names.map((directory) => `owner/repo/${directory}/default/`).sort());
  });

  test('with the setting, it needs the token', async () => {
    const guarded = await openWorld({ env: { TERRAMESH_REQUIRE_TOKEN_FOR_READS: 'true' } });
    expect((await guarded.fetch('/api/locks')).status).toBe(401);
    expect((await guarded.fetch('/lock?id=x', { headers: basic })).status).toBe(404);
    expect((await guarded.ask('/api/locks')).status).toBe(200);
    await guarded.stop();
  });
});

describe('GET /api/locks, again and again', () => {
  /** A gateway that knows nothing yet. */
  let fresh: World;
  beforeEach(async () => {
    fresh = await openWorld();
  });
  afterEach(() => fresh.stop());
  const lockIn = (directory: string) => fresh.locks.hold({ directory });
  const directories = async () =>
    (await read(AtlantisLocks, fresh.fetch('/api/locks'))).Locks.map((lock) => lock.ProjectRepoPath);

  test('what changed between its pages is set right, and from then on only changes are read', async () => {
    const { a, b, c } = { a: lockIn('a'), b: lockIn('b'), c: lockIn('c') };
    fresh.locks.told.push(
      { answer: 'restart', mark: 'm1' },
      { answer: 'changes', mark: 'm2', gone: [a.fence], locks: [c] },
      { answer: 'changes', mark: 'm3', gone: [b.fence], locks: [a] },
      { answer: 'changes', mark: 'm3', gone: [], locks: [] },
    );
    expect(await directories()).toEqual(['b', 'c']);
    expect(await directories()).toEqual(['a', 'c']);
    expect(await directories()).toEqual(['a', 'c']);
    expect(fresh.locks.asked).toEqual([null, 'm1', 'm2', 'm3']);
  });

  test('where too much changes to be told, it is read anew, as often as it takes', async () => {
    const a = lockIn('a');
    fresh.locks.told.push(
      { answer: 'restart', mark: 'm1' },
      { answer: 'restart', mark: 'm2' },
      { answer: 'restart', mark: 'm3' },
      { answer: 'changes', mark: 'm4', gone: [a.fence], locks: [] },
    );
    expect(await directories()).toEqual(['a']);
    lockIn('b');
    expect(await directories()).toEqual(['b']);
    expect(fresh.locks.asked).toEqual([null, 'm1', null, 'm3']);
  });

  test('a reading that fails leaves nothing behind that the next one would show', async () => {
    const a = lockIn('a');
    const fault = new AppError('CONFLICT', 'a fault');
    fresh.locks.told.push({ answer: 'restart', mark: 'm1' }, fault, { answer: 'restart', mark: 'm2' });
    fresh.locks.told.push({ answer: 'changes', mark: 'm3', gone: [], locks: [] }, fault);
    expect((await fresh.fetch('/api/locks')).ok).toBe(false);
    fresh.locks.held.delete(a.name);
    lockIn('b');
    expect(await directories()).toEqual(['b']);
    expect((await fresh.fetch('/api/locks')).ok).toBe(false);
    fresh.locks.told.push({ answer: 'changes', mark: 'm4', gone: [], locks: [lockIn('c')] });
    expect(await directories()).toEqual(['b', 'c']);
    expect(fresh.locks.asked).toEqual([null, 'm1', null, 'm2', 'm3', 'm3']);
  });
});

describe('GET /lock', () => {
  test('shows the lock, escaped, in a page that loads nothing and runs only its own script', async () => {
    world.locks.hold({
      user: '<script>alert(1)</script>',
      holder: { kind: 'run', runId: 'run-x', pull: null },
      url: 'javascript:alert(1)',
      waiting: [{ kind: 'pull', pull: 9 }],
    });
    const response = await world.fetch(`/lock?id=${id}`);
    const page = await response.text();
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('content-security-policy')).toMatch(/default-src 'none'.*script-src 'sha256-/);
    expect(page).not.toContain('<script>alert');
    expect(page).not.toContain('javascript:');
    expect(page).not.toMatch(/(src|href)=/);
    for (const shown of ['&#60;script&#62;', 'run-x', '2025-02-13T16:47:42.040Z', 'Discard plan and unlock']) {
      expect(page).toContain(shown);
    }
  });

  test.each([
    ['/lock', 400, 'No lock id in request\n'],
    ['/lock?id=nope', 404, "No lock found at id 'nope'\n"],
    ['/lock?id=%25zz', 400, "Invalid lock id '%zz'. Failed with error: 'URI malformed'\n"],
  ])('%s is %i', async (path, status, text) => {
    expect(await textOf(await world.fetch(path))).toEqual([status, text]);
  });
});

describe('DELETE /locks', () => {
  const release = (query: string, headers: Record<string, string> = { 'X-Atlantis-Token': token }) =>
    world.fetch(`/locks${query}`, { method: 'DELETE', headers });

  test('deletes a lock and says its id as it was received', async () => {
    world.locks.hold();
    const response = await release(`?id=${id}`);
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(await textOf(response)).toEqual([200, "Deleted lock id 'owner%2Frepo%2F.%2Fdefault%2F'\n"]);
    expect(world.locks.held.size).toBe(0);
  });

  test('the password of basic auth is as good as the header', async () => {
    world.locks.hold();
    expect((await release('?id=owner/repo/./default/', basic)).status).toBe(200);
  });

  test('without the token nothing is deleted', async () => {
    world.locks.hold();
    const response = await release(`?id=${id}`, {});
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toMatch(/^Basic/);
    expect(world.locks.held.size).toBe(1);
  });

  test('a browser may not be made to do it by another site', async () => {
    world.locks.hold();
    expect((await release(`?id=${id}`, { ...basic, 'Sec-Fetch-Site': 'cross-site' })).status).toBe(403);
    expect(world.locks.held.size).toBe(1);
  });

  test.each([
    ['', 400, 'No lock id in request\n'],
    ['?id=', 400, 'No lock id in request\n'],
    ['?id=nope', 404, "No lock found at id 'nope'\n"],
    ['?id=%25zz', 400, "Invalid lock id '%zz'. Failed with error: 'URI malformed'\n"],
  ])('%j is %i', async (query, status, text) => {
    expect(await textOf(await release(query))).toEqual([status, text]);
  });

  test('while its apply is live it is 409', async () => {
    world.locks.hold({ guard: 'applying' });
    expect(await textOf(await release(`?id=${id}`))).toEqual([
      409,
      "deleting lock failed with: 'its apply is running'\n",
    ]);
  });
});

describe('the global apply lock', () => {
  test('is set and cleared with the token, again and again', async () => {
    for (const _ of [1, 2]) {
      const locked = await world.ask('/apply/lock', { method: 'POST' });
      expect(await textOf(locked)).toEqual([200, 'Apply Lock is acquired on 2025-02-13 16:47:42\n']);
    }
    for (const _ of [1, 2]) {
      expect(await textOf(await world.ask('/apply/unlock', { method: 'DELETE' }))).toEqual([
        200,
        'Deleted apply lock\n',
      ]);
    }
  });

  test('is not touched without the token', async () => {
    expect((await world.fetch('/apply/lock', { method: 'POST' })).status).toBe(401);
    expect((await world.fetch('/apply/unlock', { method: 'DELETE' })).status).toBe(401);
    expect(world.locks.applyLockSince).toBeNull();
  });
});
