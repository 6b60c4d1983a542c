// How many processes a plan costs when nothing has changed, and what makes Terraform initialize again.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Repository } from './src/git-host.js';
import { request, resource, running, startWorld, type World } from './src/world.js';

let world: World;
let infra: Repository;

beforeAll(async () => {
  world = await startWorld({ mesh: 'inproc' });
  infra = await world.host.create('acme/infra', {
    'a/main.tf': `${resource('one')}module "inner" {\n  source = "../modules/inner"\n}\n`,
    'a/.terraform.lock.hcl': '# one\n',
    'b/main.tf': resource(),
    'c/main.tf': running('true'),
    'modules/inner/main.tf': resource('inner'),
    'modules/unused/main.tf': resource('unused'),
  });
  expect((await world.plan(request(['a', 'b', 'c', 'a@prod']))).status).toBe(200);
});
afterAll(async () => {
  await world?.stop();
});

const gitCommands = ['clone', 'fetch', 'ls-remote', 'worktree', 'checkout', 'read-tree', 'rev-parse', 'init'];

/** `git fetch`, `terraform plan`, …: each process of one call, in the order of their starts. */
async function processesOf(work: () => Promise<{ status: number; text: string }>): Promise<string[]> {
  await world.tools.forget();
  const answer = await work();
  expect([answer.status, answer.text]).toEqual([200, expect.any(String)]);
  return (await world.tools.calls()).map(({ tool, args }) => {
    const command = tool === 'git' ? args.find((argument) => gitCommands.includes(argument)) : args[0];
    return `${tool} ${command ?? args.join(' ')}`;
  });
}

/** At most one fetch and one working tree, then these commands of Terraform. */
function expectWarm(processes: string[], terraform: string[]): void {
  const git = processes.filter((process) => process.startsWith('git '));
  expect(git.filter((process) => process === 'git fetch')).toHaveLength(1);
  expect(git.filter((process) => /^git (worktree|checkout|read-tree)$/.test(process)).length).toBeLessThanOrEqual(1);
  expect(git.length).toBeLessThanOrEqual(2);
  expect(processes.filter((process) => !process.startsWith('git '))).toEqual(terraform);
}

describe('a warm plan', () => {
  test('is one fetch, one working tree, plan and show', async () => {
    const processes = await processesOf(() => world.plan(request(['a'])));
    expectWarm(processes, ['terraform plan', 'terraform show']);
  });

  test('of several targets is one fetch and one working tree for all', async () => {
    const processes = await processesOf(() => world.plan(request(['a', 'b', 'c'])));
    expectWarm(processes.sort(), [...Array(3).fill('terraform plan'), ...Array(3).fill('terraform show')]);
  });

  test('of another workspace is no more', async () => {
    expectWarm(await processesOf(() => world.plan(request(['a@prod']))), ['terraform plan', 'terraform show']);
  });

  test('that is applied is one process more', async () => {
    const processes = await processesOf(() => world.apply(request(['c'])));
    expectWarm(processes, ['terraform plan', 'terraform show', 'terraform apply']);
    expectWarm(await processesOf(() => world.plan(request(['c']))), ['terraform plan', 'terraform show']);
  });

  test('of a commit that is known costs no fetch', async () => {
    const Ref = await infra.git('rev-parse', 'HEAD');
    await world.plan(request(['a'], { Ref }));
    const processes = await processesOf(() => world.plan(request(['a'], { Ref })));
    expect(processes.filter((process) => process.startsWith('terraform'))).toEqual([
      'terraform plan',
      'terraform show',
    ]);
    expect(processes.length).toBeLessThanOrEqual(4);
  });
});

describe('Terraform is initialized', () => {
  test.each([
    ['a file that is no configuration', { 'a/README.md': '# changed', 'a/terraform.tfvars': '' }],
    ['another directory', { 'b/main.tf': resource('changed') }],
    ['a module that is not used', { 'modules/unused/main.tf': resource('changed') }],
  ])('not for a commit that changes %s', async (_what, files) => {
    await infra.commit(files);
    expectWarm(await processesOf(() => world.plan(request(['a']))), ['terraform plan', 'terraform show']);
  });

  test.each([
    ['the configuration', { 'a/main.tf': `${resource('two')}module "inner" {\n  source = "../modules/inner"\n}\n` }],
    ['the lock file', { 'a/.terraform.lock.hcl': '# two\n' }],
    ['a local module', { 'modules/inner/main.tf': resource('changed') }],
    ['the files of the configuration', { 'a/more.tf': 'output "x" {\n  value = 1\n}\n' }],
  ])('once for a commit that changes %s', async (_what, files) => {
    await infra.commit(files);
    const cold = ['terraform init', 'terraform plan', 'terraform show'];
    expectWarm(await processesOf(() => world.plan(request(['a']))), cold);
    expectWarm(await processesOf(() => world.plan(request(['a']))), cold.slice(1));
  });

  test('not again for the apply of a plan that initialized', async () => {
    await infra.commit({ 'b/main.tf': resource('again') });
    const processes = await processesOf(() => world.apply(request(['b'])));
    expectWarm(processes, ['terraform init', 'terraform plan', 'terraform show', 'terraform apply']);
  });
});
