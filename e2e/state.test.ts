// Where Terraform's state is, and that nothing is made twice because it was not found.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Repository } from './src/git-host.js';
import { expectNothingLeft } from './src/nothing-left.js';
import { type RunResult, request, resource, running, startWorld, type World } from './src/world.js';

let world: World;
let folder: string;
let infra: Repository;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'terramesh-state-'));
  world = await startWorld({ mesh: 'inproc', settings: { TERRAMESH_CONCURRENCY: '4' } });
  const slow = (name: string) => running(`echo made >> ${join(folder, name)}; sleep 0.5`);
  infra = await world.host.create('acme/infra', {
    'absolute/main.tf': local(join(folder, 'absolute.tfstate')),
    'relative/main.tf': local('elsewhere.tfstate'),
    'moving/main.tf': local(join(folder, 'before.tfstate')),
    'grown/main.tf': resource(),
    'twice/main.tf': slow('twice'),
  });
  const names = 'version: 3\nprojects:\n- {name: one, dir: shared}\n- {name: two, dir: shared}\n';
  await world.host.create('acme/named', { 'atlantis.yaml': names, 'shared/main.tf': slow('shared') });
});
afterAll(async () => {
  await world?.stop();
  await rm(folder, { recursive: true, force: true });
});
afterEach(() => expectNothingLeft(world));

function local(path: string): string {
  return `terraform {\n  backend "local" {\n    path = "${path}"\n  }\n}\n${resource()}`;
}

const planOf = async (directory: string) => {
  const [result] = (await world.plan(request([directory]))).json<RunResult>().ProjectResults;
  return result?.PlanSuccess?.TerraformOutput ?? result?.Error ?? '';
};
const makings = async (name: string) => (await readFile(join(folder, name), 'utf8')).trim().split('\n').length;

test('a local backend with an absolute path has it there', async () => {
  expect((await world.apply(request(['absolute']))).status).toBe(200);
  expect(JSON.parse(await readFile(join(folder, 'absolute.tfstate'), 'utf8')).resources).toHaveLength(1);
  expect(await planOf('absolute')).toMatch(/^No changes\./);
});

test('of two applies of a target at once, one makes it and the other finds it made', async () => {
  const answers = await Promise.all([1, 2].map(() => world.apply(request(['twice']))));
  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  expect(answers.filter(({ text }) => text.includes('No changes.'))).toHaveLength(1);
  expect(await makings('twice')).toBe(1);
});

test('the same for two projects of one directory and workspace, which share a state', async () => {
  const apply = (name: string) => world.apply(request([], { Repository: 'acme/named', Projects: [name] }));
  await Promise.all(['one', 'two'].map(apply));
  expect(await makings('shared')).toBe(1);
});

test('a local backend with a relative path, which is in the checkout, is kept', async () => {
  expect((await world.apply(request(['relative']))).status).toBe(200);
  expect(await planOf('relative')).toMatch(/^No changes\./);
});

test('a backend that changes is used as it is now', async () => {
  expect(await planOf('moving')).toContain('Plan: 1 to add');
  await infra.commit({ 'moving/main.tf': local(join(folder, 'after.tfstate')) });
  expect(await planOf('moving')).toContain('Plan: 1 to add');
});

test('a target that gets a backend does not forget what it made without one', async () => {
  await world.apply(request(['grown']));
  await infra.commit({ 'grown/main.tf': local(join(folder, 'grown.tfstate')) });
  expect(await planOf('grown')).not.toContain('Plan: 1 to add');
});
