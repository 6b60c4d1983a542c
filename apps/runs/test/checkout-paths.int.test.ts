import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readRepoConfigFile, resolveTargetDirectory, TargetDirectoryError } from '../src/checkout/directory.js';

let folder: string;
let root: string;

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'terramesh-paths-')));
  root = join(folder, 'root');
  await mkdir(join(root, 'a', 'b'), { recursive: true });
  await mkdir(join(folder, 'root-beside'));
  await writeFile(join(root, 'file'), '');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('resolveTargetDirectory', () => {
  it.each([
    ['.', ''],
    ['a', 'a'],
    ['./a/b/', 'a/b'],
    ['a/../a', 'a'],
    ['link/b', 'a/b'],
  ])('resolves %j', async (directory, path) => {
    await symlink('a', join(root, 'link'));
    expect(await resolveTargetDirectory(root, directory)).toBe(join(root, path));
  });

  it('works where the root itself is behind a symbolic link', async () => {
    await symlink(root, join(folder, 'alias'));
    expect(await resolveTargetDirectory(join(folder, 'alias'), 'a')).toBe(join(root, 'a'));
  });

  it.each(['x', 'a*', 'file/x', 'dangling', 'loop', 'n'.repeat(300)])(
    'says that %j does not exist',
    async (directory) => {
      await symlink('nowhere', join(root, 'dangling'));
      await symlink('loop', join(root, 'loop'));
      const resolving = resolveTargetDirectory(root, directory);
      await expect(resolving).rejects.toThrow(`the dir "${directory}" does not exist`);
      await expect(resolving).rejects.toBeInstanceOf(TargetDirectoryError);
    },
  );

  it('says that a file is not a directory', async () => {
    await expect(resolveTargetDirectory(root, 'file')).rejects.toThrow('the dir "file" is not a directory');
  });

  it.each(['..', '../root-beside', 'a/../../root-beside', '/etc', 'out', 'out/x/..', 'up/root-beside', 'a\u0000'])(
    'refuses %j, which leaves the root',
    async (directory) => {
      await symlink('/etc', join(root, 'out'));
      await symlink('..', join(root, 'up'));
      const resolving = resolveTargetDirectory(root, directory);
      await expect(resolving).rejects.toThrow(/^project path traversal detected: /);
    },
  );
});

describe('readRepoConfigFile', () => {
  it('is null where there is none', async () => {
    expect(await readRepoConfigFile(root)).toBeNull();
  });

  it('reads the file, also behind a symbolic link within the repository', async () => {
    await writeFile(join(root, 'a', 'real.yaml'), 'version: 3 # ä');
    await symlink('a/real.yaml', join(root, 'atlantis.yaml'));
    expect(await readRepoConfigFile(root)).toBe('version: 3 # ä');
  });

  it.each<[string, () => Promise<unknown>, string]>([
    [
      'a link out of the repository',
      () => symlink('/etc/passwd', join(root, 'atlantis.yaml')),
      'leaves the repository',
    ],
    ['a directory', () => mkdir(join(root, 'atlantis.yaml')), 'it is not a file'],
    ['more than 1 MiB', () => writeFile(join(root, 'atlantis.yaml'), '#'.repeat(1024 * 1024 + 1)), 'larger than 1 MiB'],
    ['bytes that are not UTF-8', () => writeFile(join(root, 'atlantis.yaml'), Buffer.from([0xff, 0xfe])), 'not UTF-8'],
    [
      'the other extension',
      () => writeFile(join(root, 'atlantis.yml'), 'version: 3'),
      'found "atlantis.yml" as config file; rename using the .yaml extension',
    ],
  ])('refuses %s', async (_, arrange, reason) => {
    await arrange();
    await expect(readRepoConfigFile(root)).rejects.toMatchObject({
      code: 'INVALID',
      message: expect.stringMatching(/^parsing atlantis\.yaml: /),
    });
    await expect(readRepoConfigFile(root)).rejects.toThrow(reason);
  });
});
