// The lock file of a checkout before and after `init`, which adds to it.
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { KeptLock } from '../src/execution/kept-lock.js';

const lockFile = (...hashes: string[]) => locked('1.0.0', hashes);
function locked(version: string, hashes: readonly string[], source = 'registry.terraform.io/acme/x'): string {
  const lines = hashes.map((hash) => `    "${hash}",\n`).join('');
  return `provider "${source}" {\n  version = "${version}"\n  hashes = [\n${lines}  ]\n}\n`;
}
const [zip, ours] = [`zh:${'a'.repeat(64)}`, `h1:${'A'.repeat(43)}=`];
const foreign = lockFile(zip);
const completed = lockFile(ours, zip);

let folder: string;
let checkouts = 0;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'terramesh-lock-'));
  await mkdir(join(folder, 'data'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A new checkout whose commit has this lock file. */
async function checkOut(committed: string | undefined) {
  checkouts += 1;
  const directory = join(folder, `checkout-${checkouts}`);
  const path = join(directory, '.terraform.lock.hcl');
  await mkdir(directory);
  if (committed !== undefined) await writeFile(path, committed);
  const lock = new KeptLock({ directory, dataDir: join(folder, 'data') });
  const content = () => readFile(path, 'utf8').catch(() => undefined);
  return { lock, path, content, found: await lock.read() };
}

/** A checkout in which `init` made this of it. */
async function initialized(committed: string | undefined, made: string) {
  const checkout = await checkOut(committed);
  await checkout.lock.begin(checkout.found);
  await writeFile(checkout.path, made);
  await checkout.lock.keep(checkout.found);
  return checkout;
}

test.each([
  ['none', undefined],
  ['one made elsewhere', foreign],
  ['a complete one', completed],
])('a checkout with %s gets what init made of it', async (_what, committed) => {
  await initialized(committed, completed);
  const { lock, content, found } = await checkOut(committed);
  await lock.complete(found);
  expect(await content()).toBe(completed);
});

test('a checkout with another lock file, or none where there was one, keeps what it has', async () => {
  await initialized(foreign, completed);
  for (const committed of [undefined, locked('2.0.0', [zip])]) {
    const { lock, content, found } = await checkOut(committed);
    await lock.complete(found);
    expect(await content()).toBe(committed);
    expect(await lock.begin(found)).toBe(committed);
    expect(await content()).toBe(committed);
  }
});

test('the checkout that init worked in is left as it is', async () => {
  const { lock, content } = await initialized(foreign, completed);
  await lock.complete(await lock.read());
  expect(await content()).toBe(completed);
});

test('the next init begins with the hashes that the last one found', async () => {
  await initialized(foreign, completed);
  const { lock, content, found } = await checkOut(foreign);
  await lock.complete(found);
  expect(await lock.begin(found)).toBe(completed);
  expect(await content()).toBe(completed);
});

test('the next init chooses anew what the commit does not lock', async () => {
  await initialized(undefined, completed);
  const without = await checkOut(undefined);
  await without.lock.complete(without.found);
  expect(await without.lock.begin(without.found)).toBeUndefined();
  expect(await without.content()).toBeUndefined();

  await initialized(foreign, completed + locked('3.0.0', [ours], 'registry.terraform.io/acme/y'));
  const partly = await checkOut(foreign);
  expect(await partly.lock.begin(partly.found)).toBe(foreign);
  expect(await partly.content()).toBe(foreign);
});

test('an init that needs no provider leaves nothing for the next checkout', async () => {
  await initialized(undefined, completed);
  const { lock, found } = await checkOut(undefined);
  await lock.begin(found);
  await lock.keep(found);
  const next = await checkOut(undefined);
  await next.lock.complete(next.found);
  expect(await next.content()).toBeUndefined();
});

test('a link of the commit is replaced, not written through', async () => {
  await initialized(foreign, completed);
  const { lock, path, content } = await checkOut(undefined);
  const elsewhere = join(folder, 'elsewhere');
  await writeFile(elsewhere, foreign);
  await symlink(elsewhere, path);
  await lock.complete(await lock.read());
  expect(await content()).toBe(completed);
  expect(await readFile(elsewhere, 'utf8')).toBe(foreign);
});
