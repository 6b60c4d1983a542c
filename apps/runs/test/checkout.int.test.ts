import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { access, mkdir, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { GitFixture, git, type Upstream } from './git-fixture.js';

let fixture: GitFixture;
let upstream: Upstream;
let opened: Awaited<ReturnType<GitFixture['open']>>;
let fetched: { mirror: string; commit: string };

beforeEach(async () => {
  fixture = await GitFixture.create();
  upstream = await fixture.upstream();
  await upstream.commit({ 'main.tf': 'first', 'a/main.tf': 'a', link: '-> a' });
  opened = await fixture.open();
  fetched = await opened.mirrors.fetch(upstream.request);
  await fixture.newCalls();
});
afterEach(() => fixture.remove());

function prepare(key: string, of = fetched): Promise<string> {
  return opened.checkouts.prepare({ ...of, key });
}

async function commitAndFetch(files: Record<string, string>) {
  await upstream.commit(files);
  return opened.mirrors.fetch(upstream.request);
}

/** Trees, marks and folders in the mirror, all of which are to be gone in the end. */
async function remains(): Promise<string[]> {
  const inMirror = ['worktrees', 'terramesh-drafts'].map((name) => join(fetched.mirror, name));
  const places = [`${opened.data}/checkouts/trees`, `${opened.data}/checkouts/marks`, ...inMirror];
  return (await Promise.all(places.map((place) => readdir(place).catch(() => [])))).flat();
}

describe('a checkout', () => {
  it('of a new commit is one fetch and one checkout', async () => {
    await prepare('run-1');
    await fixture.newCalls();
    const root = await prepare('run-2', await commitAndFetch({ 'main.tf': 'second' }));
    expect(await readFile(join(root, 'main.tf'), 'utf8')).toBe('second');
    const commands = (await fixture.newCalls()).map((call) => call.replace(/--git-dir=\S+ /, '').split(' ')[0]);
    expect(commands).toEqual(['fetch', 'read-tree']);
  });

  it('that is complete is found again, as it was left and without git, after a restart too', async () => {
    const root = await prepare('run-1');
    await writeFile(join(root, 'written-by-terraform'), '');
    await fixture.newCalls();
    const restarted = await fixture.open();
    for (const { checkouts } of [opened, restarted]) {
      expect(await checkouts.prepare({ ...fetched, key: 'run-1' })).toBe(root);
      expect(await checkouts.find({ key: 'run-1', commit: fetched.commit })).toBe(root);
      expect(await checkouts.pathOf('run-1')).toBe(root);
      expect(await checkouts.list()).toEqual(['run-1']);
    }
    await access(join(root, 'written-by-terraform'));
    expect(await fixture.newCalls()).toEqual([]);
  });

  it('is made once for all who ask for it at the same time', async () => {
    const roots = await Promise.all(Array.from({ length: 10 }, () => prepare('run-1')));
    expect(new Set(roots).size).toBe(1);
    expect(await fixture.newCalls()).toHaveLength(1);
  });

  it('has a tree of its own for each of 10 keys at once, beside a fetch', async () => {
    const keys = Array.from({ length: 10 }, (_, at) => `run-${at}`);
    const fetching = commitAndFetch({ 'main.tf': 'second' });
    const roots = await Promise.all(keys.map((key) => prepare(key)));
    await fetching;
    expect(new Set(roots).size).toBe(10);
    for (const root of roots) expect(await readFile(join(root, 'main.tf'), 'utf8')).toBe('first');
    await Promise.all(keys.map((key) => opened.checkouts.release(key)));
    expect(await remains()).toEqual([]);
  });

  it('of another commit replaces the one of the same key', async () => {
    const before = await prepare('run-1');
    const second = await commitAndFetch({ 'main.tf': 'second' });
    expect(await opened.checkouts.find({ key: 'run-1', commit: second.commit })).toBeUndefined();
    const after = await prepare('run-1', second);
    expect(await readFile(join(after, 'main.tf'), 'utf8')).toBe('second');
    await expect(access(before)).rejects.toThrow('ENOENT');
    expect(await opened.checkouts.list()).toEqual(['run-1']);
  });

  it('is a whole git worktree: clean, at its commit', async () => {
    const root = await prepare('run-1');
    expect(await git(root, 'status', '--porcelain', '--branch')).toBe('## HEAD (no branch)');
    expect(await git(root, 'rev-parse', 'HEAD')).toBe(fetched.commit);
    expect(await git(root, 'ls-files')).toBe('a/main.tf\nlink\nmain.tf');
    expect(await git(fetched.mirror, 'worktree', 'list', '--porcelain')).toContain(`worktree ${root}\nHEAD`);
  });

  it('is removed without git, as often as asked, and leaves nothing', async () => {
    await prepare('run-1');
    await fixture.newCalls();
    for (let times = 0; times < 2; times++) await opened.checkouts.release('run-1');
    await opened.checkouts.release('../../etc');
    expect(await remains()).toEqual([]);
    expect(await fixture.newCalls()).toEqual([]);
    expect(await git(fetched.mirror, 'worktree', 'list')).not.toContain('run-1');
    await expect(opened.checkouts.pathOf('run-1')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('runs no hook, no filter and no submodule of the repository', async () => {
    const files = { '.gitattributes': '* filter=lfs', '.gitmodules': '[submodule "s"]\n\tpath = s\n\turl = /x\n' };
    await mkdir(join(fetched.mirror, 'hooks'), { recursive: true });
    await writeFile(join(fetched.mirror, 'hooks', 'post-checkout'), `#!/bin/sh\ntouch ${fixture.folder}/hooked`, {
      mode: 0o755,
    });
    const root = await prepare('run-1', await commitAndFetch({ ...files, 'big.bin': 'version https://git-lfs' }));
    expect(await readFile(join(root, 'big.bin'), 'utf8')).toBe('version https://git-lfs');
    await expect(access(join(fixture.folder, 'hooked'))).rejects.toThrow('ENOENT');
  });

  it.each(['', '../x', 'a/b', 'a.b', 'k'.repeat(101)])('for the key %j is INVALID', async (key) => {
    await expect(prepare(key)).rejects.toMatchObject({ code: 'INVALID' });
  });

  it.each(['main', '--help', 'abc'])('of %j, which is no full SHA, is INVALID', async (commit) => {
    await expect(prepare('run-1', { ...fetched, commit })).rejects.toMatchObject({ code: 'INVALID' });
  });
});

describe('an interrupted checkout', () => {
  it('whose git was killed is UNAVAILABLE, leaves nothing, and is made by the next attempt', async () => {
    await fixture.wrapGit('case "$*" in read-tree*) "$git" "$@"; kill -9 $$;; esac; exec "$git" "$@"');
    await expect(prepare('run-1')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(await remains()).toEqual([]);
    await fixture.wrapGit('exec "$git" "$@"');
    const root = await prepare('run-1', await opened.mirrors.fetch(upstream.request));
    expect(await readFile(join(root, 'main.tf'), 'utf8')).toBe('first');
  });

  it('whose process was killed is not taken for a checkout, and is collected', async () => {
    const half = await prepare('run-1');
    await rm(join(half, 'main.tf'));
    await rm(join(opened.data, 'checkouts', 'marks', 'run-1.json'));
    await writeFile(join(fetched.mirror, 'worktrees', basename(half), 'index.lock'), '');
    const restarted = await fixture.open();
    expect(await restarted.checkouts.list()).toEqual([]);
    const root = await restarted.checkouts.prepare({ ...fetched, key: 'run-1' });
    expect(await readFile(join(root, 'main.tf'), 'utf8')).toBe('first');
    await restarted.checkouts.collectStrays();
    await expect(access(half)).rejects.toThrow('ENOENT');
    await access(join(root, 'main.tf'));
    expect(await readdir(join(fetched.mirror, 'worktrees'))).toEqual([basename(root)]);
  });

  it('whose mark the power took is not taken for a checkout', async () => {
    const half = await prepare('run-1');
    await truncate(join(opened.data, 'checkouts', 'marks', 'run-1.json'), 0);
    expect(await prepare('run-1')).not.toBe(half);
    await opened.checkouts.release('run-1');
    await opened.checkouts.collectStrays();
    expect(await remains()).toEqual([]);
  });

  it('of another boot is made anew, but its directory is still to be found', async () => {
    const old = await prepare('run-1');
    const file = join(opened.data, 'checkouts', 'marks', 'run-1.json');
    const mark = JSON.parse(await readFile(file, 'utf8'));
    await writeFile(file, JSON.stringify({ ...mark, bootId: 'before' }));
    expect(await opened.checkouts.pathOf('run-1')).toBe(old);
    expect(await opened.checkouts.find({ key: 'run-1', commit: fetched.commit })).toBeUndefined();
    expect(await prepare('run-1')).not.toBe(old);
  });
});

describe('a collection of strays', () => {
  it('keeps what is complete and what is being made', async () => {
    const kept = await prepare('run-1');
    const there = (name: string) => join(fixture.folder, name);
    await fixture.wrapGit(
      `"$git" "$@"; code=$?; touch ${there('added')}; while [ ! -e ${there('go')} ]; do sleep 0.01; done; exit $code`,
    );
    const making = prepare('run-3');
    while (!(await readdir(fixture.folder)).includes('added')) await setImmediate();
    await opened.checkouts.collectStrays();
    await writeFile(there('go'), '');
    await access(join(await making, 'main.tf'));
    await access(join(kept, 'main.tf'));
    expect((await opened.checkouts.list()).sort()).toEqual(['run-1', 'run-3']);
  });
});

describe('a damaged mirror', () => {
  it('never gives a checkout that lacks a file', async () => {
    const blob = await upstream.git('rev-parse', `${fetched.commit}:a/main.tf`);
    await rm(join(fetched.mirror, 'objects', blob.slice(0, 2), blob.slice(2)));
    await expect(prepare('run-1')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(await remains()).toEqual([]);
    const root = await prepare('run-1', await opened.mirrors.fetch(upstream.request));
    expect(await readFile(join(root, 'a', 'main.tf'), 'utf8')).toBe('a');
  });

  it('fails a checkout as UNAVAILABLE, and is made anew by the next fetch', async () => {
    await rm(join(fetched.mirror, 'objects'), { recursive: true });
    await mkdir(join(fetched.mirror, 'objects'));
    await expect(prepare('run-1')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    const root = await prepare('run-1', await opened.mirrors.fetch(upstream.request));
    expect(await readFile(join(root, 'main.tf'), 'utf8')).toBe('first');
  });
});

const canMount = process.platform === 'linux' && process.getuid?.() === 0;
describe('a full disk', () => {
  (canMount ? it : it.skip)('is said to be full, and keeps nothing of the attempt', async () => {
    const data = join(fixture.folder, 'small');
    await mkdir(data);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', data]);
    try {
      const small = await fixture.open({ data });
      const { mirror, commit } = await small.mirrors.fetch(upstream.request);
      await upstream.commit({ 'big.txt': 'x'.repeat(20 * 1024 * 1024) });
      const big = await small.mirrors.fetch(upstream.request);
      await expect(small.checkouts.prepare({ ...big, key: 'run-1' })).rejects.toMatchObject({
        code: 'UNAVAILABLE',
        message: expect.stringContaining('the disk of the worker is full'),
      });
      expect(await readdir(join(data, 'checkouts', 'trees'))).toEqual([]);
      await small.checkouts.prepare({ mirror, commit, key: 'run-1' });
      await writeFile(join(data, 'filler'), Buffer.alloc(14 * 1024 * 1024));
      await upstream.commit({
        'random.txt': randomBytes(4_000_000).toString('base64'),
      });
      await expect(small.mirrors.fetch(upstream.request)).rejects.toMatchObject({
        code: 'UNAVAILABLE',
        message: expect.stringContaining('the disk of the worker is full'),
      });
      await rm(join(data, 'filler'));
      await small.mirrors.fetch(upstream.request);
    } finally {
      execFileSync('umount', [data]);
    }
  });
});
