import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  adoptProcess,
  type Child,
  killGroupIfAlive,
  Launcher,
  type ProcessOptions,
  SpawnError,
  startInTurn,
  startProcess,
  stopChild,
} from '../src/index.js';
import { survivingWrapper } from '../src/process-directory.js';
import { startOf } from '../src/process-identity.js';
import { fileContent, until } from './sandbox.js';

let root: string;
const launcher = new Launcher();
afterAll(() => launcher.close());
const running: Child[] = [];
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'process-test-'));
});
afterEach(async () => {
  for (const child of running.splice(0)) {
    child.kill();
    await child.exited;
  }
  await rm(root, { recursive: true, force: true });
});

const shell = (script: string, overrides: Partial<ProcessOptions> = {}): ProcessOptions => ({
  executable: '/bin/sh',
  args: ['-c', script, 'sh', root],
  cwd: root,
  env: { PATH: '/usr/bin:/bin' },
  directory: join(root, 'process'),
  ...overrides,
});
async function start(options: ProcessOptions): Promise<Child> {
  const child = await startProcess(options);
  running.push(child);
  return child;
}
const read = (name: string) => readFile(join(root, 'process', name), 'utf8');
const waits = 'echo x >"$1/started"; while :; do sleep 60; done';
const started = () => fileContent(join(root, 'started'));
const grace = { interruptGraceMs: 20_000, secondGraceMs: 20_000 };

describe.each<[string, Pick<ProcessOptions, 'survives' | 'launcher'>]>([
  ['surviving', { survives: true }],
  ['plain', {}],
  ['launched', { launcher }],
])('a %s process', (_name, kind) => {
  test('writes both streams in order into one file, and its exit code is told', async () => {
    const child = await start(shell('echo ä; echo b >&2; echo c; exit 7', kind));
    expect(await child.exited).toEqual({ code: 7, signal: null });
    expect(await read('output.log')).toBe('ä\nb\nc\n');
  });

  test('writes the streams apart when asked', async () => {
    const child = await start(shell('echo a; echo b >&2', { ...kind, output: 'separate' }));
    await child.exited;
    expect([await read('stdout'), await read('stderr')]).toEqual(['a\n', 'b\n']);
  });

  test('gets its arguments as they are', async () => {
    const hostile = ['$(id)', '; exit 9', '"', "'", 'a b', '', '-e', '\n', '*', 'ü'];
    const options = shell('', { ...kind, args: ['-c', 'for a; do printf "%s|" "$a"; done', 'sh', ...hostile] });
    expect(await (await start(options)).exited).toEqual({ code: 0, signal: null });
    expect(await read('output.log')).toBe(hostile.map((each) => `${each}|`).join(''));
  });

  test('has no input and only the environment it was given', async () => {
    const child = await start(
      shell('read line || echo "no input"; env', { ...kind, env: { PATH: '/bin:/usr/bin', A: 'ä' } }),
    );
    await child.exited;
    const names = (await read('output.log'))
      .trim()
      .split('\n')
      .map((line) => line.split('=')[0]);
    expect(names.filter((name) => !['PWD', 'OLDPWD', 'SHLVL', '_'].includes(name ?? '')).sort()).toEqual([
      'A',
      'PATH',
      'no input',
    ]);
  });

  test('is interrupted with its children', async () => {
    const child = await start(shell(waits, kind));
    await started();
    const exit = await stopChild(child, grace);
    expect(exit).toEqual(kind.survives ? { code: 130, signal: null } : { code: null, signal: 'SIGINT' });
  });

  test('gets a second SIGINT when the first is not enough', async () => {
    const script = `trap 'trap "exit 5" INT' INT; echo x >"$1/started"; while :; do sleep 0.05; done`;
    const child = await start(shell(script, kind));
    await started();
    expect(await stopChild(child, { ...grace, interruptGraceMs: 1_000 })).toEqual({ code: 5, signal: null });
  });

  test('is killed with its whole group when nothing else helps', async () => {
    const script = `trap '' INT; sh -c 'echo $$ >"$1/started"; while :; do sleep 60; done' sh "$1"`;
    const child = await start(shell(script, kind));
    const grandchild = Number(await started());
    expect(await stopChild(child, { interruptGraceMs: 50, secondGraceMs: 50 })).toEqual({
      code: null,
      signal: 'SIGKILL',
    });
    await until(async () => (isRunning(grandchild) ? undefined : true), 'the grandchild to end');
  });

  test('is stopped when it writes too much, and says why', async () => {
    const child = await start(shell('exec yes', { ...kind, maxOutputBytes: 100_000 }));
    expect(await child.exited).toMatchObject({ stoppedFor: 'output-limit' });
  });

  test('signals after its end do nothing', async () => {
    const child = await start(shell('true', kind));
    await child.exited;
    child.interrupt();
    child.kill();
    expect(await killGroupIfAlive(join(root, 'process'))).toBe('not-running');
  });

  test('left running by a worker, it can be ended', async () => {
    const child = await start(shell(waits, kind));
    await started();
    expect(await killGroupIfAlive(join(root, 'process'))).toBe('killed');
    expect(await child.exited).toEqual({ code: null, signal: 'SIGKILL' });
  });
});

function isRunning(pid: number): boolean {
  return startOf(pid) !== undefined;
}

test('two in turn have a directory each, and the second is watched from its own start', async () => {
  const second = { ...shell('echo b; exit 4'), directory: join(root, 'second') };
  const both = await startInTurn(launcher, shell('echo a'), [0], second);
  expect(await both.first.exited).toEqual({ code: 0, signal: null });
  expect(await (await both.second).exited).toEqual({ code: 4, signal: null });
  expect(await read('output.log')).toBe('a\n');
  expect(await readFile(join(root, 'second', 'output.log'), 'utf8')).toBe('b\n');
});

test('of two in turn the second is refused when it is not to run, or either cannot be started', async () => {
  const second = (name: string) => ({ ...shell('true'), directory: join(root, name) });
  const { first, second: never } = await startInTurn(launcher, shell('exit 3'), [0], second('a'));
  await expect(never).rejects.toMatchObject({ name: 'SpawnError', failure: 'not-started' });
  expect(await first.exited).toEqual({ code: 3, signal: null });
  const missing = { ...second('b'), executable: '/does/not/exist' };
  const options = shell('true', { directory: join(root, 'c') });
  await expect(startInTurn(launcher, options, [0], missing)).rejects.toMatchObject({ failure: 'executable-missing' });
});

describe('a process that cannot be started', () => {
  test.each<[string, string, Partial<ProcessOptions>]>([
    ['no such executable', 'executable-missing', { executable: '/does/not/exist' }],
    ['an executable by name alone', 'executable-missing', { executable: 'sh' }],
    ['a directory', 'executable-missing', { executable: '/tmp' }],
    ['no working directory', 'cwd-missing', { cwd: '/does/not/exist' }],
    ['arguments that are too long', 'not-started', { args: ['-c', 'true', 'x'.repeat(4_000_000)] }],
  ])('%s: rejects with %s', async (_name, failure, overrides) => {
    for (const kind of [{ survives: true }, {}, { launcher }]) {
      const rejected = expect(startProcess(shell('true', { ...overrides, ...kind }))).rejects;
      await rejected.toMatchObject({ name: 'SpawnError', failure });
    }
  });

  test('a file without the right to execute it', async () => {
    const file = join(root, 'file');
    await writeFile(file, '#!/bin/sh\n');
    await chmod(file, 0o644);
    await expect(startProcess(shell('', { executable: file }))).rejects.toBeInstanceOf(SpawnError);
  });

  test('a directory that another process has used', async () => {
    await (await start(shell('true', { survives: true }))).exited;
    await expect(startProcess(shell('true'))).rejects.toMatchObject({ failure: 'directory-in-use' });
  });
});

describe('adoptProcess', () => {
  const directory = () => join(root, 'process');
  const quick = { recordWaitMs: 50 };

  test('tells the exit code of one that has ended, however often it is asked', async () => {
    await (await start(shell('exit 3', { survives: true }))).exited;
    const exited = { status: 'exited', exit: { code: 3, signal: null } };
    expect(await adoptProcess(directory())).toEqual(exited);
    expect(await adoptProcess(directory())).toEqual(exited);
  });

  test('a running one ends for everybody who watches it', async () => {
    const child = await start(shell(waits, { survives: true }));
    await started();
    const adopted = await Promise.all([adoptProcess(directory()), adoptProcess(directory())]);
    child.interrupt();
    for (const adoption of adopted) {
      if (adoption.status !== 'running') throw new Error(`it is ${adoption.status}`);
      expect(await adoption.child.exited).toEqual({ code: 130, signal: null });
    }
  });

  test('one that was let go can be adopted again', async () => {
    await start(shell(waits, { survives: true }));
    await started();
    const first = await adoptProcess(directory());
    if (first.status !== 'running') throw new Error(`it is ${first.status}`);
    first.child.release();
    expect(await adoptProcess(directory())).toMatchObject({ status: 'running', child: { pid: first.child.pid } });
  });

  test('a plain process that has ended is lost: nobody recorded how', async () => {
    await (await start(shell('true'))).exited;
    expect(await adoptProcess(directory(), quick)).toEqual({ status: 'lost' });
  });

  test('a directory whose worker died before it started anything is lost, and nothing can start there later', async () => {
    await mkdir(directory());
    expect(await adoptProcess(directory(), quick)).toEqual({ status: 'lost' });
    await expect(startProcess(shell('true', { survives: true }))).rejects.toMatchObject({
      failure: 'directory-in-use',
    });
  });

  test('a wrapper that comes late to a process given up does not run it', async () => {
    await mkdir(directory());
    expect(await adoptProcess(directory(), quick)).toEqual({ status: 'lost' });
    const ran = join(root, 'ran');
    const late = spawnSync('/bin/sh', ['-c', survivingWrapper, directory(), '/usr/bin/touch', ran]);
    expect([late.status, existsSync(ran)]).toEqual([125, false]);
    expect(await adoptProcess(directory(), quick)).toEqual({ status: 'lost' });
  });

  test('a directory that does not exist is lost', async () => {
    expect(await adoptProcess(join(root, 'never'), quick)).toEqual({ status: 'lost' });
  });

  test('a pid that belongs to somebody else by now is lost, and is not signalled', async () => {
    const other = await start(shell(waits));
    await started();
    await mkdir(join(root, 'reused'));
    await writeFile(join(root, 'reused', 'pid'), `${other.pid} some-boot 12345\n`);
    expect(await adoptProcess(join(root, 'reused'), quick)).toEqual({ status: 'lost' });
    expect(await killGroupIfAlive(join(root, 'reused'))).toBe('not-running');
    expect(isRunning(other.pid)).toBe(true);
  });

  test('an exit code that shows up a moment after the end is found', async () => {
    await mkdir(directory());
    await writeFile(join(directory(), 'pid'), `${process.pid} some-boot 12345\n`);
    const adoption = adoptProcess(directory(), quick);
    await writeFile(join(directory(), 'exit'), '4\n');
    expect(await adoption).toEqual({ status: 'exited', exit: { code: 4, signal: null } });
  });

  test.each(['', '12', '12 boot'])('a torn pid file (%j) is not a process', async (text) => {
    await mkdir(directory());
    await writeFile(join(directory(), 'pid'), text);
    expect(await adoptProcess(directory(), quick)).toEqual({ status: 'lost' });
  });
});
