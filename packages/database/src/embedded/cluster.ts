// The files of a cluster: made once, completely or not at all.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { link, mkdir, mkdtemp, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Durability, serverEnvironment, superuser } from './server-settings.js';
import { giveTo, nameForServer, type ServerUser } from './server-user.js';

interface ClusterFolders {
  readonly dataDir: string;
  /** The server's own folder, below `dataDir`. */
  readonly clusterDir: string;
}

/** The major version that made the cluster, or undefined when there is none yet. */
export async function clusterVersion(clusterDir: string): Promise<number | undefined> {
  const version = await readFile(join(clusterDir, 'PG_VERSION'), 'utf8').catch(ignoreMissing);
  return version === undefined ? undefined : Number.parseInt(version, 10);
}

/** The password of the cluster in this folder, chosen before there is one. Rejects when a cluster has lost its own. */
export async function clusterPassword({ dataDir, clusterDir }: ClusterFolders): Promise<string> {
  const file = join(dataDir, 'password');
  // The password comes first: looked at in this order, a cluster without one is not just being made.
  const version = await clusterVersion(clusterDir);
  const existing = await readFile(file, 'utf8').catch(ignoreMissing);
  if (existing !== undefined) return existing.trim();
  if (version !== undefined) throw new Error(`${file} is missing; without it nobody can use the Postgres beside it.`);
  const fresh = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
  await writeFile(fresh, randomBytes(24).toString('hex'), { mode: 0o600, flag: 'wx' });
  try {
    // Unlike a rename, a link never replaces what another process chose in the meantime.
    await link(fresh, file).catch(ignoreExisting);
  } finally {
    await rm(fresh);
  }
  return (await readFile(file, 'utf8')).trim();
}

/**
 * Makes a cluster aside and moves it into place, so that a crash half way leaves none. Of two that do so at once the
 * first wins and the other's is thrown away.
 */
export async function createCluster(
  options: ClusterFolders & { readonly bin: string; readonly user: ServerUser; readonly durability: Durability },
): Promise<void> {
  const password = await clusterPassword(options);
  const staging = await mkdtemp(join(options.dataDir, 'new-'));
  try {
    const fresh = join(staging, 'cluster');
    await mkdir(fresh, { mode: 0o700 });
    await writeFile(join(staging, 'password'), password, { mode: 0o600 });
    await giveTo(options.user, staging);
    await promisify(execFile)(
      join(options.bin, 'initdb'),
      [
        `--pgdata=${await nameForServer(options.user, fresh)}`,
        `--username=${superuser}`,
        '--pwfile=../password',
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        '--locale=C',
        ...(options.durability === 'process' ? ['--no-sync'] : []),
      ],
      { ...options.user, cwd: fresh, env: serverEnvironment(), timeout: 120_000 },
    );
    await rename(fresh, options.clusterDir);
    await syncFolder(options.dataDir);
  } catch (error) {
    if ((await clusterVersion(options.clusterDir)) === undefined) throw error;
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  await folder.sync().finally(() => folder.close());
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined;
  throw error;
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}
