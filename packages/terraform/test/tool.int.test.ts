import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { findTool, ToolMissingError } from '../src/index.js';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'tool-test-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** An executable that answers as the CLI would. */
async function install(directory: string, name: string, script: string): Promise<string> {
  await mkdir(join(root, directory), { recursive: true });
  const executable = join(root, directory, name);
  await writeFile(executable, `#!/bin/sh\n${script}\n`);
  await chmod(executable, 0o755);
  return executable;
}
const says = (version: string) => `echo '{"terraform_version":"${version}"}'`;
const path = (...directories: string[]) =>
  [...directories.map((name) => join(root, name)), '/usr/bin', '/bin'].join(':');

describe('findTool', () => {
  test('finds the real Terraform and reads its version', async () => {
    const tool = await findTool({ preference: 'auto', path: process.env.PATH ?? '' });
    expect(tool.distribution).toBe('terraform');
    expect(tool.version).toMatch(/^\d+\.\d+\.\d+/);
  });

  test('auto prefers terraform wherever in PATH it is; a preference decides', async () => {
    const tofu = await install('first', 'tofu', says('1.9.0'));
    const terraform = await install('second', 'terraform', says('1.11.4'));
    const asked = { path: path('first', 'second') };
    expect(await findTool({ preference: 'auto', ...asked })).toMatchObject({
      executable: terraform,
      version: '1.11.4',
    });
    expect(await findTool({ preference: 'tofu', ...asked })).toEqual({
      distribution: 'opentofu',
      executable: tofu,
      version: '1.9.0',
    });
  });

  test('goes on past one that does not work', async () => {
    await install('first', 'terraform', 'exit 1');
    await install('second', 'terraform', 'echo not json');
    const works = await install('third', 'terraform', says('1.2.3'));
    expect(await findTool({ preference: 'terraform', path: path('first', 'second', 'third') })).toMatchObject({
      executable: works,
    });
  });

  test('does not run one of a relative directory', async () => {
    await install('.', 'tofu', says('6.6.6'));
    const missing = findTool({ preference: 'tofu', path: `.::${root.slice(1)}` });
    await expect(missing).rejects.toBeInstanceOf(ToolMissingError);
  });

  test('says what was searched for, where, what was wrong and how to get it', async () => {
    const broken = await install('first', 'terraform', 'exit 1');
    const missing = findTool({ preference: 'auto', path: join(root, 'first') });
    await expect(missing).rejects.toMatchObject({
      name: 'ToolMissingError',
      searchedFor: ['terraform', 'tofu'],
      directories: [join(root, 'first')],
      unusable: [{ executable: broken }],
      message: expect.stringMatching(
        /terraform or tofu.*first.*did not answer.*Install Terraform \(https.*OpenTofu \(https/s,
      ),
    });
  });
});
