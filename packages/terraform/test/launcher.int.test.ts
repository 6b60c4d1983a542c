// A launcher and its process: what it tells, and what becomes of everything when one of the two is lost.
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { getPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type LaunchedEnd, Launcher } from '../src/index.js';
import { startOf } from '../src/process-identity.js';
import { fileContent, until } from './sandbox.js';

let root: string;
let launcher: Launcher;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'launcher-test-'));
  launcher = new Launcher();
});
afterEach(async () => {
  launcher.close();
  await rm(root, { recursive: true, force: true });
});

const shell = (script: string, options: { maxBytes?: number; priority?: 'low'; file?: string } = {}) => {
  const { maxBytes = 1000, file = '/bin/sh', ...rest } = options;
  const output = { to: 'message', maxStdoutBytes: maxBytes, maxStderrBytes: maxBytes } as const;
  return { file, args: ['-c', script, 'sh', root], cwd: root, env: { PATH: '/usr/bin:/bin' }, output, ...rest };
};
const run = async (script: string, options = {}): Promise<LaunchedEnd> =>
  (await launcher.launch(shell(script, options))).ended;
const waits = 'echo $PPID >"$1/launcher"; while :; do sleep 60; done';
const launcherPid = async () => Number(await fileContent(join(root, 'launcher')));
const gone = (pid: number) => until(async () => startOf(pid) === undefined || undefined, `${pid} to end`);

test('what a process wrote comes with its end, as much as was asked for', async () => {
  expect(await run('echo ä; echo b >&2; exit 3')).toEqual({ code: 3, signal: null, stdout: 'ä\n', stderr: 'b\n' });
  const { stdout, stderr } = await run('head -c 300000 /dev/zero | tr "\\0" x; echo 123456789 >&2', { maxBytes: 5 });
  expect([stdout, stderr]).toEqual(['xxxxx', '12345']);
});

test('many at once each get their own end', async () => {
  const codes = Array.from({ length: 30 }, (_, code) => code);
  const ends = await Promise.all(codes.map((code) => run(`echo ${code}; exit ${code}`)));
  expect(ends.map(({ code, stdout }) => [code, stdout])).toEqual(codes.map((code) => [code, `${code}\n`]));
});

test('a program is looked for in the PATH that it is given', async () => {
  await writeFile(join(root, 'tool'), '#!/bin/sh\necho found\n', { mode: 0o755 });
  const options = { ...shell('', { file: 'tool' }), env: { PATH: root } };
  expect(await (await launcher.launch(options)).ended).toMatchObject({ code: 0, stdout: 'found\n' });
});

test.each([
  ['ENOENT', { file: 'no-such-program' }],
  ['EACCES', { file: '/etc/passwd' }],
])('what cannot be started is refused with %s, and the next one starts', async (code, options) => {
  await expect(launcher.launch(shell('true', options))).rejects.toMatchObject({ name: 'LaunchError', code });
  expect(await run('true')).toMatchObject({ code: 0 });
});

test('a process sees nothing of the launcher: no variable, no open channel', async () => {
  const { stdout } = await run('env; ls -l /proc/self/fd 2>/dev/null | grep -c socket');
  expect(stdout).not.toContain('NODE_');
  expect(stdout.trim().split('\n').at(-1)).toBe('0');
});

describe('two in turn', () => {
  const inTurn = (first: string, second = 'cat "$1/first"', file?: string) =>
    launcher.launchInTurn(shell(first, file === undefined ? {} : { file }), [0, 2], shell(second));

  test.each([0, 2])('the second runs when the first has ended with %i, which is one of the codes', async (code) => {
    const { first, second } = inTurn(`echo done >"$1/first"; exit ${code}`);
    expect(await (await first).ended).toMatchObject({ code });
    expect(await (await second).ended).toMatchObject({ code: 0, stdout: 'done\n' });
  });

  test.each([
    ['ends with another code', 'exit 1'],
    ['is killed', 'kill -9 $$'],
  ])('it is not run when the first %s', async (_how, script) => {
    const { first, second } = inTurn(script, 'echo >"$1/second"');
    await expect(second).rejects.toMatchObject({ name: 'LaunchError', code: 'ECANCELED' });
    await (await first).ended;
    await expect(readFile(join(root, 'second'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('both are refused when the first cannot be started', async () => {
    const { first, second } = inTurn('', '', 'no-such-program');
    await expect(second).rejects.toMatchObject({ code: 'ECANCELED' });
    await expect(first).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('neither is waited for in vain when the launcher is lost', async () => {
    const { first, second } = inTurn(waits);
    const launched = await first;
    process.kill(await launcherPid(), 'SIGKILL');
    await expect(second).rejects.toMatchObject({ code: 'EPIPE' });
    expect(await launched.ended).toMatchObject({ code: null, signal: 'SIGKILL' });
  });
});

test('one that nobody waits for yields to all others', async () => {
  const launched = await launcher.launch(shell(waits, { priority: 'low' }));
  await until(async () => getPriority(launched.pid) === 19 || undefined, 'its priority to be lowered');
  launched.signalGroup('SIGKILL');
  expect(await launched.ended).toMatchObject({ code: null, signal: 'SIGKILL' });
  // It has ended: nothing happens.
  launched.signalGroup('SIGKILL');
});

test('when the launcher is lost its processes are ended, that is told, and the next launch starts another', async () => {
  const launched = await launcher.launch(shell(waits));
  const pid = await launcherPid();
  process.kill(pid, 'SIGKILL');
  expect(await launched.ended).toEqual({ code: null, signal: 'SIGKILL', stdout: '', stderr: '' });
  await gone(launched.pid);
  expect(await run('true')).toMatchObject({ code: 0 });
});

test('what was launched by a lost one is told of, although another was started meanwhile', async () => {
  const launched = await launcher.launch(shell(waits));
  process.kill(await launcherPid(), 'SIGKILL');
  const [end, next] = await Promise.all([launched.ended, run('true').catch(() => run('true'))]);
  expect([end.signal, next.code]).toEqual(['SIGKILL', 0]);
  await gone(launched.pid);
});

test('a launcher that hangs is ended, so that nobody waits for it for ever', async () => {
  const impatient = new Launcher({ answerMs: 100 });
  const launched = await impatient.launch(shell(waits));
  process.kill(await launcherPid(), 'SIGSTOP');
  await expect(impatient.launch(shell('true'))).rejects.toMatchObject({ name: 'LaunchError', code: 'EPIPE' });
  expect(await launched.ended).toMatchObject({ signal: 'SIGKILL' });
  expect(await (await impatient.launch(shell('true'))).ended).toMatchObject({ code: 0 });
  impatient.close();
});

test('the signals of a terminal or a stop leave the launcher to its master', async () => {
  const launched = await launcher.launch(shell(waits));
  const pid = await launcherPid();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.kill(pid, signal);
  expect(await run('echo "$PPID"')).toMatchObject({ code: 0, stdout: `${pid}\n` });
  launched.signalGroup('SIGTERM');
  expect(await launched.ended).toMatchObject({ signal: 'SIGTERM' });
});

test('it ends with the process that it works for, however that ends, and what it started goes on', async () => {
  const script = `
    import { Launcher } from ${JSON.stringify(import.meta.resolve('@terramesh/terraform'))};
    const launched = await new Launcher().launch(${JSON.stringify(shell(waits))});
    console.log(launched.pid);
    await launched.ended;`;
  await writeFile(join(root, 'master.mjs'), script);
  const master = spawn(process.execPath, [join(root, 'master.mjs')], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await master.stdout[Symbol.asyncIterator]().next()).value.toString().split('\n');
  const launched = Number(line);
  try {
    const pid = await launcherPid();
    master.kill('SIGKILL');
    await gone(pid);
    expect(startOf(launched)).toBeDefined();
  } finally {
    process.kill(-launched, 'SIGKILL');
  }
});

test('a process that has launched nothing, or whose launches have ended, may end', async () => {
  const script = `
    import { Launcher } from ${JSON.stringify(import.meta.resolve('@terramesh/terraform'))};
    const { ended } = await new Launcher().launch(${JSON.stringify(shell('echo done >"$1/done"'))});
    await ended;`;
  await writeFile(join(root, 'master.mjs'), script);
  const master = spawn(process.execPath, [join(root, 'master.mjs')], { stdio: 'inherit' });
  expect(await new Promise((resolve) => master.once('exit', resolve))).toBe(0);
  expect(await readFile(join(root, 'done'), 'utf8')).toBe('done\n');
});
