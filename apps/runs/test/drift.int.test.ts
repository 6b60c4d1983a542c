// What plans found drifted, as it is stored and read; and the search for root modules in a checkout.
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { DriftedResource } from '@terramesh/contracts';
import { driftedResources } from '@terramesh/terraform';
import { readModuleDirectories } from '../src/checkout/module-directories.js';
import { findRootModules } from '../src/domain/root-modules.js';
import { readDrift, saveDrift } from '../src/persistence/drift.repository.js';
import { closeQueue, manager, openQueue, running } from './queue-fixture.js';

describe('the drift of a run', () => {
  beforeAll(openQueue);
  afterAll(closeQueue);

  const change = (address: string, chars = 1): DriftedResource => ({
    address,
    kind: 'planned',
    actions: ['update'],
    attributes: [{ path: 'a', before: 'ü'.repeat(chars), after: null, sensitive: false, unknown: false }],
  });

  async function executions(count: number): Promise<{ runId: string; ids: string[] }> {
    const { runId, executionIds } = await running(count, { origin: 'drift' });
    return { runId, ids: executionIds };
  }

  test('is read in the order of its executions, those without left out, in pages of a bounded size', async () => {
    const { runId, ids } = await executions(5);
    for (const index of [4, 0, 2]) {
      await saveDrift(manager(), ids[index] ?? '', {
        truncated: index === 2,
        changes: [change(`a.b[${index}]`, 1_000)],
      });
    }
    const found: (string | undefined)[] = [];
    let after = -1;
    let pages = 0;
    for (let more = 'yes'; more === 'yes'; pages++) {
      const page = await readDrift(manager(), { runId, after, budgetBytes: 4_500 });
      found.push(...page.executions.map(({ changes, truncated }) => `${changes[0]?.address} ${truncated}`));
      after = page.executions.at(-1)?.ordinal ?? after;
      more = page.more;
    }
    expect([found, pages]).toEqual([['a.b[0] false', 'a.b[2] true', 'a.b[4] false'], 2]);
  });

  test('that is larger than a page still comes, one execution at a time', async () => {
    const { runId, ids } = await executions(2);
    for (const id of ids) await saveDrift(manager(), id, { truncated: false, changes: [change('a.b', 5_000)] });
    const page = await readDrift(manager(), { runId, after: -1, budgetBytes: 100 });
    expect([page.executions.length, page.more]).toEqual([1, 'yes']);
  });

  test('of a plan that was made again replaces the first, and is gone when there is none', async () => {
    const { runId, ids } = await executions(1);
    const read = async () =>
      (await readDrift(manager(), { runId, after: -1, budgetBytes: 1_000 })).executions.map(({ changes }) => changes);
    await saveDrift(manager(), ids[0] ?? '', { truncated: false, changes: [change('first')] });
    await saveDrift(manager(), ids[0] ?? '', { truncated: false, changes: [change('second')] });
    expect(await read()).toEqual([[change('second')]]);
    await saveDrift(manager(), ids[0] ?? '', { truncated: false, changes: [] });
    expect(await read()).toEqual([]);
  });

  test('is stored whatever characters a plan has', async () => {
    const { ids } = await executions(1);
    const before = { 'k\0\ud83d': 'v\0\udc00\ud83d\u2028🌍' };
    const plan = { resource_changes: [{ address: 'a\0b\ud83d', change: { actions: ['update'], before, after: {} } }] };
    await expect(saveDrift(manager(), ids[0] ?? '', driftedResources(plan))).resolves.toBeUndefined();
  });
});

describe('root modules', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'terramesh-roots-'));
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  async function put(files: Record<string, string>): Promise<void> {
    for (const [name, content] of Object.entries(files)) {
      await mkdir(dirname(join(root, name)), { recursive: true });
      await writeFile(join(root, name), content);
    }
  }
  const find = async () => findRootModules(await readModuleDirectories(root));
  const resource = 'resource "a" "b" {}\n';

  test('are found in every directory, however it is called, but not in what tools left there', async () => {
    await put({
      'main.tf': resource,
      'größe/a b/main.tf': resource,
      '.hidden/x.tf': resource,
      'json/main.tf.json': '{"resource":{}}',
      '.git/x.tf': resource,
      'a/.terraform/modules/x/main.tf': resource,
      'a/.terragrunt-cache/x/main.tf': resource,
      'b/main.tf~': resource,
      'b/.main.tf': resource,
      'b/#main.tf#': resource,
      'c/main.tofu': resource,
    });
    expect(await find()).toEqual(['.', '.hidden', 'größe/a b', 'json']);
  });

  test('are not found through symbolic links, inside or out of the repository', async () => {
    await put({ 'a/main.tf': resource });
    await symlink('a', join(root, 'inside'));
    await symlink('/', join(root, 'outside'));
    await symlink('..', join(root, 'a', 'loop'));
    await mkdir(join(root, 'b'));
    await symlink('../a/main.tf', join(root, 'b', 'main.tf'));
    expect(await find()).toEqual(['a']);
  });

  test('are those of large files too: their beginning tells', async () => {
    await put({ 'a/main.tf': `${resource}${'# filler\n'.repeat(200_000)}` });
    expect(await find()).toEqual(['a']);
  });

  test('are not searched for in a repository without end', async () => {
    await put({ 'a/b/c/main.tf': resource, 'd/main.tf': resource });
    await expect(readModuleDirectories(root, { directories: 4, files: 10 })).rejects.toMatchObject({
      code: 'INVALID',
      message: expect.stringContaining('more than 4 directories: list its projects in an atlantis.yaml'),
    });
    await expect(readModuleDirectories(root, { directories: 5, files: 1 })).rejects.toMatchObject({ code: 'INVALID' });
    expect(await readModuleDirectories(root, { directories: 5, files: 2 })).toHaveLength(2);
  });

  test('in a directory that cannot be a target are named', async () => {
    await put({ 'a\nb/main.tf': resource });
    await expect(find()).rejects.toMatchObject({ code: 'INVALID', message: expect.stringContaining('"a\\nb"') });
  });
});
