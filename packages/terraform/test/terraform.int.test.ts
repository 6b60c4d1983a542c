import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { afterEach, describe, expect, test } from '@jest/globals';
import {
  applyArgs,
  driftedResources,
  initArgs,
  planArgs,
  planOutcome,
  planText,
  showPlanArgs,
  startProcess,
  statePullArgs,
  stopChild,
  summarizePlan,
  workspaceArgs,
} from '../src/index.js';
import { createSandbox, fileContent, type Sandbox } from './sandbox.js';

const backend = (root: string) =>
  `terraform {\n  backend "local" {\n    path          = "${root}/state/terraform.tfstate"\n    workspace_dir = "${root}/state/ws"\n  }\n}\n`;
const greeting = (root: string) =>
  `${backend(root)}variable "word" { default = "grüße 🌍" }\nresource "terraform_data" "a" { input = "\${terraform.workspace} \${var.word}" }\noutput "word" { value = terraform_data.a.output }\n`;

let sandbox: Sandbox;
afterEach(() => sandbox.remove());

async function start(main: (root: string) => string): Promise<void> {
  sandbox = await createSandbox(main);
  expect((await sandbox.run(initArgs())).exit).toEqual({ code: 0, signal: null });
}

const planFile = () => sandbox.path('plan.tfplan');

async function showPlan(): Promise<unknown> {
  return JSON.parse((await sandbox.run(showPlanArgs({ planFile: planFile() }), { output: 'separate' })).stdout);
}

describe('a round trip with real Terraform', () => {
  test('plan, show, apply, plan again: text, counts and sentence are those of Terraform', async () => {
    await start(greeting);
    const plan = await sandbox.run(planArgs({ out: planFile(), lockTimeoutMs: 5_000 }));
    expect(planOutcome(plan.exit)).toBe('changes');
    expect(planText(plan.text)).toMatch(
      /^Terraform used the selected providers.*\+ input {2}= "default grüße 🌍".*after apply\)$/s,
    );
    expect(planText(plan.text)).not.toContain(planFile());
    expect(summarizePlan(await showPlan(), plan.text)).toEqual({
      toAdd: 1,
      toChange: 0,
      toDestroy: 0,
      toImport: 0,
      toForget: 0,
      changesOutside: false,
      summary: 'Plan: 1 to add, 0 to change, 0 to destroy.',
    });

    const apply = await sandbox.run(applyArgs({ planFile: planFile(), lockTimeoutMs: 5_000 }), { survives: true });
    expect(apply.exit).toEqual({ code: 0, signal: null });
    expect(apply.text).toContain('word = "default grüße 🌍"');

    const again = await sandbox.run(planArgs({ out: planFile() }));
    expect(planOutcome(again.exit)).toBe('no-changes');
    expect(planText(again.text)).toMatch(/^No changes\. /);
    expect(summarizePlan(await showPlan(), again.text)).toMatchObject({
      toAdd: 0,
      summary: 'No changes. Your infrastructure matches the configuration.',
    });
    const state = await sandbox.run(statePullArgs(), { output: 'separate' });
    expect(JSON.parse(state.stdout)).toMatchObject({ outputs: { word: { value: 'default grüße 🌍' } } });
  });

  test('a replacement and a removal count as in the Plan line', async () => {
    await start(
      (root) =>
        `${backend(root)}resource "terraform_data" "r" { triggers_replace = 1 }\nresource "terraform_data" "gone" {}\nresource "terraform_data" "kept" { input = 1 }\n`,
    );
    await sandbox.run(planArgs({ out: planFile() }));
    await sandbox.run(applyArgs({ planFile: planFile() }));
    await sandbox.write(
      'main.tf',
      `${backend(sandbox.root)}resource "terraform_data" "r" { triggers_replace = 2 }\nresource "terraform_data" "kept" { input = 2 }\nremoved {\n  from = terraform_data.gone\n  lifecycle { destroy = false }\n}\n`,
    );
    const plan = await sandbox.run(planArgs({ out: planFile() }));
    const summary = summarizePlan(await showPlan(), plan.text);
    expect(summary).toMatchObject({ toAdd: 1, toChange: 1, toDestroy: 1, toForget: 1 });
    expect(plan.text).toContain(`\n${summary.summary}\n`);
  });

  test('a plan that changes outputs alone has an empty sentence and no counts', async () => {
    await start((root) => `${backend(root)}output "a" { value = 1 }\n`);
    const plan = await sandbox.run(planArgs({ out: planFile() }));
    expect(planOutcome(plan.exit)).toBe('changes');
    expect(summarizePlan(await showPlan(), plan.text)).toMatchObject({ toAdd: 0, summary: '' });
  });

  test('what a plan would change is told attribute by attribute; what is sensitive is not', async () => {
    const main = (word: string) =>
      `${backend(sandbox.root)}variable "secret" {\n  default = "hunter2-${word}"\n  sensitive = true\n}\nresource "terraform_data" "a" {\n  for_each = toset(["ü"])\n  input = { word = "${word}", list = ["same", "${word}"], secret = var.secret }\n}\nresource "terraform_data" "b" { triggers_replace = "${word}" }\noutput "o" { value = "${word}" }\n`;
    await start((root) => backend(root));
    await sandbox.write('main.tf', main('one'));
    await sandbox.run(initArgs());
    await sandbox.run(planArgs({ out: planFile() }));
    expect(driftedResources(await showPlan()).changes.map(({ address, actions }) => [address, actions])).toEqual([
      ['terraform_data.a["ü"]', ['create']],
      ['terraform_data.b', ['create']],
    ]);
    await sandbox.run(applyArgs({ planFile: planFile() }));
    await sandbox.run(planArgs({ out: planFile() }));
    expect(driftedResources(await showPlan())).toEqual({ truncated: false, changes: [] });

    await sandbox.write('main.tf', main('two'));
    await sandbox.run(planArgs({ out: planFile() }));
    const { changes } = driftedResources(await showPlan());
    expect(JSON.stringify(changes)).not.toContain('hunter2');
    const known = { sensitive: false, unknown: false };
    expect(changes).toEqual([
      {
        address: 'terraform_data.a["ü"]',
        kind: 'planned',
        actions: ['update'],
        attributes: [
          { path: 'input.list[1]', before: '"one"', after: '"two"', ...known },
          { path: 'input.secret', before: null, after: null, sensitive: true, unknown: false },
          { path: 'input.word', before: '"one"', after: '"two"', ...known },
          { path: 'output', before: null, after: null, sensitive: true, unknown: true },
        ],
      },
      expect.objectContaining({ address: 'terraform_data.b', actions: ['delete', 'create'] }),
    ]);
  });

  test('a destroy plan and a plan without refresh are what their options say', async () => {
    await start(greeting);
    await sandbox.run(planArgs({ out: planFile() }));
    await sandbox.run(applyArgs({ planFile: planFile() }));
    await sandbox.write('größe.tfvars', 'word = "x"\n');
    const plan = await sandbox.run(planArgs({ out: planFile(), refresh: 'skip', varFiles: ['größe.tfvars'] }));
    expect(summarizePlan(await showPlan(), plan.text)).toMatchObject({ toChange: 1 });
    expect(plan.text).not.toContain('Refreshing state...');
    const destroy = await sandbox.run(planArgs({ out: planFile(), mode: 'destroy' }));
    expect(destroy.text).toContain('terraform_data.a: Refreshing state...');
    expect(planText(destroy.text)).not.toContain('Refreshing state...');
    expect(summarizePlan(await showPlan(), destroy.text).summary).toBe('Plan: 0 to add, 0 to change, 1 to destroy.');
  });

  test('a syntax error is exit code 1 and says so in the text', async () => {
    await start(greeting);
    await sandbox.write('broken.tf', 'resource "terraform_data" {\n');
    const plan = await sandbox.run(planArgs({ out: planFile() }));
    expect(planOutcome(plan.exit)).toBe('failed');
    expect(plan.text).toContain('Error:');
    expect(plan.text).toContain('broken.tf');
    expect(existsSync(planFile())).toBe(false);
  });

  test('a hostile var file name is a file that does not exist, not an option', async () => {
    await start(greeting);
    const plan = await sandbox.run(planArgs({ out: planFile(), varFiles: ['-destroy'] }));
    expect(planOutcome(plan.exit)).toBe('failed');
    expect(plan.text).toContain('-destroy');
  });
});

describe('a CLI workspace', () => {
  const plan = (workspace: string) => sandbox.run(planArgs({ out: planFile() }), { env: sandbox.env({ workspace }) });
  const apply = (workspace: string) =>
    sandbox.run(applyArgs({ planFile: planFile() }), { env: sandbox.env({ workspace }) });

  test('is created by the plan that names it, needs no other process, and keeps its own state', async () => {
    await start(greeting);
    for (const workspace of ['blue', 'default', 'green']) {
      expect(planOutcome((await plan(workspace)).exit)).toBe('changes');
      expect((await apply(workspace)).text).toContain(`word = "${workspace} grüße 🌍"`);
    }
    expect(planOutcome((await plan('blue')).exit)).toBe('no-changes');
    const shown = await sandbox.run(workspaceArgs.show());
    expect(shown.text.trim()).toBe('default');
  });

  test('is why init must not name it: init refuses one that does not exist beside others', async () => {
    await start(greeting);
    await plan('blue');
    await apply('blue');
    const init = await sandbox.run(initArgs(), { env: sandbox.env({ workspace: 'green' }) });
    expect(init.exit.code).toBe(1);
    expect((await sandbox.run(initArgs())).exit.code).toBe(0);
  });

  test('can be made and selected by commands too', async () => {
    await start(greeting);
    expect((await sandbox.run(workspaceArgs.select('blue'))).exit.code).toBe(1);
    expect((await sandbox.run(workspaceArgs.create('blue'))).exit.code).toBe(0);
    expect((await sandbox.run(workspaceArgs.select('default'))).exit.code).toBe(0);
  });
});

describe('an apply that provisions', () => {
  /** The provisioner says `started` and then waits for a line in the pipe `go`. */
  const waiting = (root: string) =>
    `${backend(root)}resource "terraform_data" "a" {\n  provisioner "local-exec" {\n    command = "echo $$ > ${root}/started; read line < ${root}/go; echo done"\n  }\n}\n`;

  test('sees nothing of the environment of the service', async () => {
    await start(
      (root) =>
        `${backend(root)}resource "terraform_data" "a" {\n  provisioner "local-exec" { command = "env > ${root}/seen" }\n}\n`,
    );
    const parent = {
      TERRAMESH_API_SECRET: 'hunter2',
      DATABASE_URL: 'hunter2',
      NODE_OPTIONS: '',
      SECRET: 'hunter2',
      AWS_REGION: 'eu',
    };
    const env = sandbox.env({ parent, allow: ['AWS_'] });
    await sandbox.run(planArgs({ out: planFile() }), { env });
    await sandbox.run(applyArgs({ planFile: planFile() }), { env, survives: true });
    const seen = await readFile(sandbox.path('seen'), 'utf8');
    expect(seen).toContain('AWS_REGION=eu');
    expect(seen).toContain(`HOME=${sandbox.path('home')}`);
    expect(seen).not.toMatch(/hunter2|TERRAMESH|terramesh|NODE_|JEST/);
  });

  test.each(['surviving', 'plain'])('interrupted (%s), it leaves a written state and no lock', async (kind) => {
    await start(waiting);
    await promisify(execFile)('mkfifo', [sandbox.path('go')]);
    await sandbox.run(planArgs({ out: planFile() }));
    const options = sandbox.options(applyArgs({ planFile: planFile() }), { survives: kind === 'surviving' });
    const child = await startProcess(options);
    await fileContent(sandbox.path('started'));
    const lockFile = sandbox.path('state/.terraform.tfstate.lock.info');
    expect(existsSync(lockFile)).toBe(true);
    const exit = await stopChild(child, { interruptGraceMs: 20_000, secondGraceMs: 20_000 });
    expect(exit).toEqual({ code: 1, signal: null });
    expect(existsSync(lockFile)).toBe(false);
    const state = JSON.parse(await readFile(sandbox.path('state/terraform.tfstate'), 'utf8'));
    expect(state.resources[0].instances[0].status).toBe('tainted');
  });

  test('a release of the pipe lets it finish', async () => {
    await start(waiting);
    await promisify(execFile)('mkfifo', [sandbox.path('go')]);
    await sandbox.run(planArgs({ out: planFile() }));
    const child = await startProcess(sandbox.options(applyArgs({ planFile: planFile() }), { survives: true }));
    await fileContent(sandbox.path('started'));
    await writeFile(sandbox.path('go'), 'x\n');
    expect(await child.exited).toEqual({ code: 0, signal: null });
  });
});
