import { access, mkdir, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mirrorRef } from '../src/checkout/mirror-files.js';
import { GitFixture, type Upstream } from './git-fixture.js';

let fixture: GitFixture;
let upstream: Upstream;
let first: string;
let opened: Awaited<ReturnType<GitFixture['open']>>;

beforeEach(async () => {
  fixture = await GitFixture.create();
  upstream = await fixture.upstream();
  first = await upstream.commit({ 'main.tf': 'first' });
  opened = await fixture.open();
});
afterEach(() => fixture.remove());

async function fetchRef(ref: string): Promise<string> {
  return (await opened.mirrors.fetch({ ...upstream.request, ref })).commit;
}

describe('a fetch', () => {
  it('of a new commit on a branch is one process, and the first one creates the mirror', async () => {
    expect(await fetchRef('main')).toBe(first);
    expect((await fixture.newCalls()).map((call) => call.replace(/--git-dir=\S+ /, '').split(' ')[0])).toEqual([
      'init',
      'fetch',
    ]);
    const second = await upstream.commit({ 'main.tf': 'second' });
    expect(await fetchRef('main')).toBe(second);
    expect(await fixture.newCalls()).toHaveLength(1);
  });

  it('follows a branch that was forced back', async () => {
    await upstream.commit({ 'main.tf': 'second' });
    await fetchRef('main');
    await upstream.git('update-ref', 'refs/heads/main', first);
    expect(await fetchRef('main')).toBe(first);
  });

  it('finds branches, tags and commits, in this order', async () => {
    const second = await upstream.commit({ 'main.tf': 'second' });
    await upstream.git('tag', 'light', first);
    await upstream.git('tag', '-a', '-m', 'x', 'annotated', first);
    await upstream.git('tag', 'both', first);
    await upstream.git('branch', 'both', second);
    await upstream.git('branch', 'abcdef1', second);
    expect(await fetchRef('refs/heads/main')).toBe(second);
    expect(await fetchRef('light')).toBe(first);
    expect(await fetchRef('annotated')).toBe(first);
    expect(await fetchRef('refs/tags/annotated')).toBe(first);
    expect(await fetchRef('both')).toBe(second);
    expect(await fetchRef('refs/tags/both')).toBe(first);
    expect(await fetchRef('abcdef1')).toBe(second);
    expect(await fetchRef(first)).toBe(first);
    expect(await fetchRef(first.toUpperCase())).toBe(first);
    expect(await fetchRef(first.slice(0, 7))).toBe(first);
    expect(await fetchRef(await upstream.git('rev-parse', 'annotated'))).toBe(first);
  });

  it('is not hindered by a branch that became a folder of branches, or differs in case', async () => {
    await upstream.git('branch', 'a', first);
    expect(await fetchRef('a')).toBe(first);
    expect(await fetchRef(first.slice(0, 8))).toBe(first);
    await upstream.git('branch', '-D', 'a');
    const second = await upstream.commit({ 'main.tf': 'second' }, 'a/b');
    expect(await fetchRef('a/b')).toBe(second);
    expect(await fetchRef(second.slice(0, 8))).toBe(second);
    await upstream.git('branch', 'A/b', first);
    expect(await fetchRef('A/b')).toBe(first);
  });

  it('gives each of 20 at once its own commit', async () => {
    const commits: string[] = [];
    for (let at = 0; at < 20; at++) commits.push(await upstream.commit({ 'main.tf': `${at}` }, `b${at}`));
    expect(await Promise.all(commits.map((_, at) => fetchRef(`b${at}`)))).toEqual(commits);
  });

  it('is shared by those who ask for the same before it has begun', async () => {
    const commits = await Promise.all(Array.from({ length: 20 }, () => fetchRef('main')));
    expect(new Set(commits)).toEqual(new Set([first]));
    expect((await fixture.newCalls()).length).toBeLessThanOrEqual(2);
    const second = await upstream.commit({ 'main.tf': 'second' });
    expect(await fetchRef('main')).toBe(second);
  });

  it('keeps repositories apart whose names look alike', async () => {
    const other = await fixture.upstream('acme/infra_x');
    const slash = await fixture.upstream('acme/infra/x');
    const commits = [await other.commit({ a: '1' }), await slash.commit({ a: '2' })];
    const fetched = await Promise.all([other, slash].map(({ request }) => opened.mirrors.fetch(request)));
    expect(fetched.map(({ commit }) => commit)).toEqual(commits);
    expect(fetched[0]?.mirror).not.toBe(fetched[1]?.mirror);
  });
});

describe('a ref that cannot be fetched', () => {
  it.each(['nope', 'refs/heads/nope', 'refs/tags/main', 'a'.repeat(40), 'abcdef12', 'blob', 'refs/tags/blob'])(
    '%s is NOT_FOUND',
    async (ref) => {
      await upstream.git('tag', 'blob', await upstream.git('rev-parse', `${first}:main.tf`));
      await expect(fetchRef(ref)).rejects.toMatchObject({
        code: 'NOT_FOUND',
        message: `ref '${ref}' does not exist in acme/infra`,
      });
    },
  );

  it.each(['--upload-pack=touch x', '-x', 'a:b', '+main', 'a..b', 'refs/pull/1/head', '', 'a b', 'HEAD^', '@{1}'])(
    '%j is INVALID, and git is not even started',
    async (ref) => {
      await expect(fetchRef(ref)).rejects.toMatchObject({ code: 'INVALID' });
      expect(await fixture.newCalls()).toEqual([]);
    },
  );

  it.each(['ext::sh -c touch%20x', '--upload-pack=x', 'ssh://host/x', '/tmp', 'git@host:x'])(
    'from %j is INVALID',
    async (cloneUrl) => {
      await expect(opened.mirrors.fetch({ ...upstream.request, cloneUrl })).rejects.toMatchObject({ code: 'INVALID' });
      expect(await fixture.newCalls()).toEqual([]);
    },
  );

  it('is NOT_FOUND in an empty repository, which is said', async () => {
    const empty = await fixture.upstream('acme/empty');
    for (const ref of ['main', 'b'.repeat(40)]) {
      await expect(opened.mirrors.fetch({ ...empty.request, ref })).rejects.toMatchObject({
        code: 'NOT_FOUND',
        message: expect.stringContaining('acme/empty is empty'),
      });
    }
  });

  it('is NOT_FOUND where there is no repository', async () => {
    const folder = join(fixture.folder, 'host', 'folder');
    await mkdir(folder);
    for (const cloneUrl of [`${upstream.request.cloneUrl}x`, `file://${folder}`]) {
      await expect(opened.mirrors.fetch({ ...upstream.request, cloneUrl })).rejects.toMatchObject({
        code: 'NOT_FOUND',
        message: 'acme/infra does not exist or access to it is denied',
      });
    }
  });

  it('is UNAVAILABLE when git does not end, and git is gone then with its children', async () => {
    await fetchRef('main');
    await fixture.wrapGit(`sleep 1000 & echo $! > "${fixture.folder}/pid"; wait`);
    const impatient = await fixture.open({ timeoutMs: 500 });
    await expect(impatient.mirrors.fetch(upstream.request)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: 'acme/infra cannot be fetched: it did not answer in time',
    });
    const stat = `/proc/${(await readFile(join(fixture.folder, 'pid'), 'utf8')).trim()}/stat`;
    // Ended, though perhaps not yet collected by its new parent.
    expect(await readFile(stat, 'utf8').catch(() => '')).toMatch(/^$|\) Z /);
  });

  it('is UNAVAILABLE where there is no git', async () => {
    const { mirrors } = await fixture.open({ environment: { PATH: fixture.folder } });
    await expect(mirrors.fetch(upstream.request)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});

describe('a mirror', () => {
  const damages: [string, (mirror: string) => Promise<unknown>][] = [
    ['without HEAD', (mirror) => rm(join(mirror, 'HEAD'))],
    ['without objects', (mirror) => rm(join(mirror, 'objects'), { recursive: true })],
    ['with a cut off ref', (mirror) => truncate(join(mirror, mirrorRef('refs/heads/main')), 5)],
    ['with a broken config', (mirror) => writeFile(join(mirror, 'config'), '[')],
    ['with a lock on its ref', (mirror) => writeFile(join(mirror, `${mirrorRef('refs/heads/main')}.lock`), '')],
    ['with cut off objects', (mirror) => cutObjects(join(mirror, 'objects'))],
    ['that was never completed', (mirror) => rm(join(mirror, 'terramesh-sound'))],
  ];
  it.each(damages)('%s is made anew', async (_, damage) => {
    const { mirror } = await opened.mirrors.fetch(upstream.request);
    await damage(mirror);
    const second = await upstream.commit({ 'main.tf': 'second' });
    expect(await fetchRef('main')).toBe(second);
    expect(await upstream.git(`--git-dir=${mirror}`, 'fsck', '--no-dangling')).toBe('');
  });

  it('loses what a killed process left when the next one starts', async () => {
    const { mirror } = await opened.mirrors.fetch(upstream.request);
    const leftovers = ['config.lock', `${mirrorRef('refs/heads/main')}.lock`, 'objects/pack/tmp_pack_x'];
    await mkdir(join(mirror, 'objects', 'pack'), { recursive: true });
    for (const leftover of leftovers) await writeFile(join(mirror, leftover), '');
    const restarted = await fixture.open();
    await restarted.mirrors.cleanUp();
    for (const leftover of leftovers) await expect(access(join(mirror, leftover))).rejects.toThrow('ENOENT');
    await fixture.newCalls();
    await upstream.commit({ 'main.tf': 'second' });
    await restarted.mirrors.fetch(upstream.request);
    expect(await fixture.newCalls()).toHaveLength(1);
  });
});

async function cutObjects(objects: string): Promise<void> {
  for (const name of await readdir(objects, { recursive: true, withFileTypes: true })) {
    if (name.isFile()) await truncate(join(name.parentPath, name.name), 0);
  }
}
