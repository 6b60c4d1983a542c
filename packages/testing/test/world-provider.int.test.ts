// The tests' own provider under real Terraform: what people do to its files is drift that Terraform finds by itself.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { installWorldProvider } from '@terramesh/testing';
import { decodeValue, encodeValue, unknown, type Value } from '../src/world-provider/message-pack.js';
import { decodeMessage, encodeMessage } from '../src/world-provider/protobuf.js';

interface Plan {
  resource_drift?: { change: { actions: string[]; after: unknown } }[];
  resource_changes?: { change: { actions: string[]; before: unknown } }[];
}

let folder: string;
let env: Record<string, string | undefined>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'terramesh-world-'));
  const { cliConfigFile, requiredProviders } = await installWorldProvider(folder);
  env = { PATH: process.env.PATH, HOME: folder, TF_CLI_CONFIG_FILE: cliConfigFile, CHECKPOINT_DISABLE: '1' };
  await mkdir(join(folder, 'module'));
  await writeFile(join(folder, 'module', 'providers.tf'), requiredProviders);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const world = (name: string) => join(folder, name);
const configure = (body: string) => writeFile(join(folder, 'module', 'main.tf'), body);
async function terraform(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('terraform', args, { cwd: join(folder, 'module'), env });
  return stdout;
}
async function plan(): Promise<Plan> {
  await terraform('plan', '-out=plan');
  return JSON.parse(await terraform('show', '-json', 'plan')) as Plan;
}
const file = (content: string, more = '') =>
  `resource "world_file" "a" {\n  path = "${world('hello')}"\n  content = "${content}"\n${more}}\n`;

test('a file is made, changed by hand, found changed, repaired, found gone, made again, and removed', async () => {
  await configure(file('grüße 🌍', '  secret = "hunter2"\n'));
  await terraform('init');
  await plan();
  await terraform('apply', 'plan');
  expect(await readFile(world('hello'), 'utf8')).toBe('grüße 🌍');
  expect(await plan()).toMatchObject({ resource_changes: [{ change: { actions: ['no-op'] } }] });

  await writeFile(world('hello'), 'by hand');
  expect(await plan()).toMatchObject({
    resource_drift: [{ change: { actions: ['update'], after: { content: 'by hand' } } }],
    resource_changes: [{ change: { actions: ['update'], before: { content: 'by hand' } } }],
  });
  await terraform('apply', 'plan');
  expect(await readFile(world('hello'), 'utf8')).toBe('grüße 🌍');

  await rm(world('hello'));
  expect(await plan()).toMatchObject({
    resource_drift: [{ change: { actions: ['delete'] } }],
    resource_changes: [{ change: { actions: ['create'] } }],
  });
  await terraform('apply', 'plan');
  expect(await readFile(world('hello.secret'), 'utf8')).toBe('hunter2');

  await configure('');
  await terraform('apply', '-auto-approve');
  expect([existsSync(world('hello')), existsSync(world('hello.secret'))]).toEqual([false, false]);
}, 60_000);

test('a file that moves is replaced; one that cannot be written fails its apply; one that is there can be imported', async () => {
  await configure(file('a'));
  await terraform('init');
  await terraform('apply', '-auto-approve');
  await configure(file('a').replace('hello"', 'moved"'));
  expect((await plan()).resource_changes?.[0]?.change.actions).toEqual(['delete', 'create']);

  await configure(file('a').replace('hello"', 'nowhere/x"'));
  await expect(terraform('apply', '-auto-approve')).rejects.toMatchObject({
    stderr: expect.stringContaining('ENOENT'),
  });

  await writeFile(world('old'), 'old');
  await configure(
    `import {\n  to = world_file.a\n  id = "${world('old')}"\n}\n${file('new').replace('hello"', 'old"')}`,
  );
  await terraform('state', 'rm', 'world_file.a').catch(() => {});
  await terraform('apply', '-auto-approve');
  expect(await readFile(world('old'), 'utf8')).toBe('new');
}, 60_000);

test('a person who starts the provider is told what it is', async () => {
  const started = promisify(execFile)(process.execPath, [join(import.meta.dirname, '../dist/world-provider/main.js')]);
  await expect(started).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('Terraform starts it') });
});

describe('the encodings', () => {
  test('of values carry what a file has', () => {
    const value: Value = { path: '/x', content: 'grüße 🌍'.repeat(10_000), secret: null, sha256: unknown };
    expect(decodeValue(encodeValue(value))).toEqual(value);
  });

  test.each([
    ['80', {}],
    ['93 01 ff c3', [1, -1, true]],
    ['cd 01 00', 256],
    ['d1 ff 00', -256],
    ['cb 3f f8 00 00 00 00 00 00', 1.5],
    ['dc 00 01 a1 78', ['x']],
    ['81 d9 01 6b c2', { k: false }],
    ['c7 03 0c 81 01 c2', unknown],
  ])('of values read %s', (hex, value) => {
    expect(decodeValue(Buffer.from(hex.replaceAll(' ', ''), 'hex'))).toEqual(value);
  });

  test('of messages carry texts, numbers and messages, and pass over other fields', () => {
    const message = encodeMessage({ 1: 'a', 2: 300, 3: encodeMessage({ 1: 'inner' }), 20: 'far', 4: undefined });
    const field = decodeMessage(message);
    expect([field(1), decodeMessage(field(3))(1), field(20), field(9)].map(String)).toEqual(['a', 'inner', 'far', '']);
  });
});
