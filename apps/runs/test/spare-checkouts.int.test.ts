import { readdir, readFile, utimes } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { until } from '@terramesh/testing';
import { GitFixture, type Upstream } from './git-fixture.js';

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

const trees = () => readdir(`${opened.data}/checkouts/trees`);
const spareMarks = () => join(opened.data, 'checkouts', 'spares');

/** The spare's tree, when it is made. */
function madeSpare(): Promise<string> {
  return until(
    async () => {
      const name = (await readdir(spareMarks())).find((each) => each.endsWith('.json'));
      return name !== undefined && JSON.parse(await readFile(join(spareMarks(), name), 'utf8')).tree;
    },
    { describe: 'a spare' },
  );
}

describe('a checkout made ahead of time', () => {
  it('is made for a commit that was asked for, when there is time, and taken by the first that asks again', async () => {
    await prepare('run-1');
    opened.checkouts.spares.makeWanted();
    const spare = await madeSpare();
    await fixture.newCalls();
    const roots = await Promise.all([prepare('run-2'), prepare('run-3')]);
    expect(roots.filter((root) => basename(root) === spare)).toHaveLength(1);
    expect(new Set(roots).size).toBe(2);
    for (const root of roots) expect(await readFile(join(root, 'main.tf'), 'utf8')).toBe('first');
    expect(await fixture.newCalls()).toHaveLength(1);
    for (const key of ['run-1', 'run-2', 'run-3']) await opened.checkouts.release(key);
    expect(await trees()).toEqual([]);
  });

  it('is replaced by who took it, and by nobody else', async () => {
    await prepare('run-1');
    opened.checkouts.spares.makeWanted();
    const first = await madeSpare();
    await prepare('run-2');
    opened.checkouts.spares.replace('run-1');
    expect(await readdir(spareMarks())).toEqual([]);
    opened.checkouts.spares.replace('run-2');
    expect(await madeSpare()).not.toBe(first);
  });

  it('is not taken for another commit, and goes when one of that is made', async () => {
    await prepare('run-1');
    opened.checkouts.spares.makeWanted();
    const spare = await madeSpare();
    const root = await prepare('run-2', await commitAndFetch({ 'main.tf': 'second' }));
    expect(await readFile(join(root, 'main.tf'), 'utf8')).toBe('second');
    opened.checkouts.spares.makeWanted();
    await until(async () => (await madeSpare()) !== spare, { describe: 'another spare' });
    expect(await trees()).not.toContain(spare);
  });

  it('is nobody’s, outlives a restart, and goes when nobody wanted it for a quarter of an hour', async () => {
    await prepare('run-1');
    opened.checkouts.spares.makeWanted();
    const spare = await madeSpare();
    const { checkouts } = await fixture.open();
    expect(await checkouts.list()).toEqual(['run-1']);
    await checkouts.collectStrays();
    expect(await trees()).toContain(spare);
    const past = new Date(Date.now() - 16 * 60_000);
    for (const name of await readdir(spareMarks())) await utimes(join(spareMarks(), name), past, past);
    await checkouts.collectStrays();
    expect(await trees()).not.toContain(spare);
  });

  it('is not made by one that is being closed', async () => {
    const root = await prepare('run-1');
    opened.checkouts.spares.makeWanted();
    await opened.checkouts.spares.close();
    opened.checkouts.spares.makeWanted();
    await opened.checkouts.spares.close();
    expect(await trees()).toEqual([basename(root)]);
  });
});
