// A worker without Terraform, or with a full disk: the answer says so, and the next good call works.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { expectNothingLeft } from './src/nothing-left.js';
import { recordTools } from './src/tool-recorder.js';
import { type RunResult, request, resource, startWorld, type World } from './src/world.js';

const run = promisify(execFile);
const results = (answer: { json<T>(): T }) => answer.json<RunResult>().ProjectResults;

test('without Terraform on PATH the answer says where it was looked for; once it is there, plans work', async () => {
  const tools = await recordTools(['git']);
  const world = await startWorld({ mesh: 'inproc', path: tools.bin });
  try {
    await world.host.create('acme/infra', { 'a/main.tf': resource() });
    const answer = await world.plan(request(['a', 'missing']));
    const [first] = results(answer);
    expect([answer.status, first?.Error]).toEqual([
      500,
      expect.stringContaining(`No usable terraform or tofu in ${tools.bin}`),
    ]);
    await expectNothingLeft(world);
    await tools.add('terraform');
    // The recording script needs `sleep` only to wait, which nobody asks of it here.
    expect((await world.plan(request(['a']))).text).toContain('Plan: 1 to add');
    await expectNothingLeft(world);
  } finally {
    await world.stop();
    await tools.remove();
  }
});

test('a distribution that is not there is named', async () => {
  const world = await startWorld({ mesh: 'inproc', settings: { TERRAMESH_DEFAULT_TF_DISTRIBUTION: 'opentofu' } });
  try {
    await world.host.create('acme/infra', { 'a/main.tf': resource() });
    const [first] = results(await world.plan(request(['a'])));
    expect(first?.Error).toMatch(/^No usable tofu in /);
  } finally {
    await world.stop();
  }
});

const sizeMiB = 48;
const disk = await smallDisk();

(disk === undefined ? describe.skip : describe)('a full disk', () => {
  const failsAlone = async (command: 'plan' | 'init' | 'none') => {
    const world = await startWorld({ mesh: 'inproc', settings: { TERRAMESH_DATA_DIR: join(disk ?? '', command) } });
    const ballast = join(disk ?? '', 'ballast');
    try {
      await world.host.create('acme/infra', { 'a/main.tf': resource('x'.repeat(100_000)) });
      const answer = await planOnFullDisk(world, { command, ballast });
      await rm(ballast);
      expect([500, 503]).toContain(answer.status);
      expect(answer.text).not.toMatch(/internal error/);
      await expectNothingLeft(world);
      expect((await world.plan(request(['a']))).text).toContain('Plan: 1 to add');
      await expectNothingLeft(world);
      return answer.text;
    } finally {
      await rm(ballast, { force: true });
      await world.stop();
    }
  };
  const full = /no space left on device|no space is left|disk .*is full/i;

  test('while Terraform is initialized fails that call and no other', async () => {
    expect(await failsAlone('init')).toMatch(full);
  });

  test('before the checkout fails that call and no other', async () => {
    expect(await failsAlone('none')).toMatch(full);
  });

  test('while the plan is made fails that call and no other', async () => {
    expect(await failsAlone('plan')).toContain('terraform plan failed');
  });

  // Terraform cannot write its error either: the worker has to look at the disk.
  test('while the plan is made is named as the reason', async () => {
    expect(await failsAlone('plan')).toMatch(full);
  });

  test('is given back', async () => {
    await run('umount', [disk ?? '']);
    await rm(disk ?? '', { recursive: true });
  });
});

async function planOnFullDisk(world: World, full: { command: 'plan' | 'init' | 'none'; ballast: string }) {
  const { command, ballast } = full;
  if (command === 'none') {
    await fill(ballast);
    return world.plan(request(['a']));
  }
  const hold = await world.tools.hold(command, 'a');
  const answer = world.plan(request(['a']));
  await hold.reached();
  await fill(ballast);
  await hold.release();
  return answer;
}

/** Writes until nothing is left. */
async function fill(file: string): Promise<void> {
  const { bavail, bsize } = await statfs(disk ?? '');
  await writeFile(file, Buffer.alloc(bavail * bsize)).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOSPC') throw error;
  });
}

/** A file system of its own; undefined, with the reason printed, where this user may not mount one. */
async function smallDisk(): Promise<string | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'terramesh-disk-'));
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${sizeMiB}m`, 'tmpfs', folder]);
    return folder;
  } catch (error) {
    await rm(folder, { recursive: true });
    console.warn(
      `no test of a full disk: a tmpfs cannot be mounted here (${error instanceof Error ? error.message : error})`,
    );
    return undefined;
  }
}
