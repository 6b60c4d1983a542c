import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { keptStatePath } from '../src/execution/kept-state.js';

let folder: string;
beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'terramesh-kept-')));
  await mkdir(join(folder, 'checkout', 'app'), { recursive: true });
});
afterAll(() => rm(folder, { recursive: true }));

async function pathFor(backend: unknown, terraformWorkspace = 'default'): Promise<string | null> {
  const dataDir = await mkdtemp(join(folder, 'data-'));
  if (backend !== undefined)
    await writeFile(join(dataDir, 'terraform.tfstate'), JSON.stringify({ version: 3, backend }));
  const root = join(folder, 'checkout');
  return keptStatePath({ root, directory: join(root, 'app'), dataDir, terraformWorkspace });
}
const local = (config: object) => ({ type: 'local', config });

describe('a state inside the checkout is kept', () => {
  test.each([
    { backend: undefined, workspace: 'default', expected: 'terraform.tfstate' },
    { backend: undefined, workspace: 'prod', expected: 'terraform.tfstate.d/prod/terraform.tfstate' },
    { backend: local({ path: null }), workspace: 'default', expected: 'terraform.tfstate' },
    { backend: local({ path: 'x.tfstate' }), workspace: 'default', expected: 'x.tfstate' },
    { backend: local({ path: '../x.tfstate' }), workspace: 'default', expected: '../x.tfstate' },
    { backend: local({ workspace_dir: 'states' }), workspace: 'prod', expected: 'states/prod/terraform.tfstate' },
  ])('$backend in $workspace', async ({ backend, workspace, expected }) => {
    expect(await pathFor(backend, workspace)).toBe(join(folder, 'checkout', 'app', expected));
  });
});

describe('a state elsewhere is left alone', () => {
  test.each([
    { backend: { type: 's3', config: { bucket: 'states' } } },
    { backend: local({ path: '/var/lib/states/x.tfstate' }) },
    { backend: local({ path: '../../outside.tfstate' }) },
  ])('$backend', async ({ backend }) => {
    expect(await pathFor(backend)).toBeNull();
  });
});
