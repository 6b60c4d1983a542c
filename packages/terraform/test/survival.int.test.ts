// A worker is killed at the worst moment: what it started goes on, and the next worker learns the truth.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, describe, expect, test } from '@jest/globals';
import {
  adoptProcess,
  applyArgs,
  initArgs,
  killGroupIfAlive,
  type ProcessOptions,
  planArgs,
  stopChild,
} from '../src/index.js';
import { createSandbox, fileContent, type Sandbox } from './sandbox.js';

const worker = fileURLToPath(new URL('fixtures/start-and-wait.mjs', import.meta.url));
const main = (root: string) =>
  `terraform {\n  backend "local" { path = "${root}/terraform.tfstate" }\n}\nresource "terraform_data" "a" {\n  provisioner "local-exec" {\n    command = "echo x > ${root}/started; read code < ${root}/go; yes 'so many lines that a pipe would be full' | head -c 200000; exit $code"\n  }\n}\n`;

let sandbox: Sandbox;
afterEach(() => sandbox.remove());

/** An apply that waits in its provisioner, started by a worker that has since been killed with SIGKILL. */
async function applyOfDeadWorker(): Promise<ProcessOptions> {
  sandbox = await createSandbox(main);
  await promisify(execFile)('mkfifo', [sandbox.path('go')]);
  const planFile = sandbox.path('plan.tfplan');
  expect((await sandbox.run(initArgs())).exit.code).toBe(0);
  expect((await sandbox.run(planArgs({ out: planFile }))).exit.code).toBe(2);
  const options = sandbox.options(applyArgs({ planFile }), { survives: true });
  await killed(spawn(process.execPath, [worker, JSON.stringify(options)], { stdio: ['ignore', 'pipe', 'inherit'] }));
  return options;
}

async function killed(process: ChildProcess): Promise<void> {
  await fileContent(sandbox.path('started'));
  process.kill('SIGKILL');
  await once(process, 'exit');
}

const state = async () => JSON.parse(await readFile(sandbox.path('terraform.tfstate'), 'utf8'));

describe('an apply whose worker was killed', () => {
  test.each([
    ['succeeds', '0', 0, undefined],
    ['fails', '7', 1, 'tainted'],
  ])('is adopted and %s: true exit code, whole output, complete state', async (_name, answer, code, status) => {
    const { directory } = await applyOfDeadWorker();
    const adopted = await adoptProcess(directory);
    if (adopted.status !== 'running') throw new Error(`it is ${adopted.status}`);
    await writeFile(sandbox.path('go'), `${answer}\n`);
    expect(await adopted.child.exited).toEqual({ code, signal: null });
    expect((await readFile(`${directory}/output.log`, 'utf8')).length).toBeGreaterThan(200_000);
    expect((await state()).resources[0].instances[0].status).toBe(status);
    expect(existsSync(sandbox.path('.terraform.tfstate.lock.info'))).toBe(false);
    expect(await adoptProcess(directory)).toEqual({ status: 'exited', exit: { code, signal: null } });
  });

  test('can be interrupted by the worker that adopts it', async () => {
    const { directory } = await applyOfDeadWorker();
    const adopted = await adoptProcess(directory);
    if (adopted.status !== 'running') throw new Error(`it is ${adopted.status}`);
    const exit = await stopChild(adopted.child, { interruptGraceMs: 20_000, secondGraceMs: 20_000 });
    expect(exit).toEqual({ code: 1, signal: null });
    expect((await state()).resources).toHaveLength(1);
  });

  test('is lost, never a success, when it was killed with its wrapper', async () => {
    const { directory } = await applyOfDeadWorker();
    const adopted = await adoptProcess(directory);
    if (adopted.status !== 'running') throw new Error(`it is ${adopted.status}`);
    expect(await killGroupIfAlive(directory)).toBe('killed');
    expect(await adopted.child.exited).toEqual({ code: null, signal: null });
    expect(await adoptProcess(directory)).toEqual({ status: 'lost' });
    expect(await killGroupIfAlive(directory)).toBe('not-running');
  });
});
