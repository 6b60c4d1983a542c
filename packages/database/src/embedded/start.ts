// A Postgres of our own, for whoever has none: started, adopted, watched and stopped here.
import { mkdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type DatabaseLogger, silentLogger } from '../logger.js';
import { findBinaries } from './binaries.js';
import { clusterPassword, clusterVersion, createCluster } from './cluster.js';
import { greet } from './greet.js';
import { dropStalePidFile, type LaunchPlan, launch } from './launch.js';
import { livePostmaster, type Postmaster, stopPostmaster, waitUntilGone } from './postmaster.js';
import { type EmbeddedPostgres, RunningServer } from './running-server.js';
import type { Durability } from './server-settings.js';
import { chooseServerUser, giveTo, nameForServer } from './server-user.js';

export interface EmbeddedPostgresOptions {
  /** Holds the cluster, its password (0600) and the server's log; created when it is missing. */
  readonly dataDir: string;
  readonly logger?: DatabaseLogger;
  /** A folder with `postgres` and `initdb`. Default: the npm package's, else the newest below /usr/lib/postgresql. */
  readonly binaries?: string;
  /** Default: a free one, a new one at every start. */
  readonly port?: number;
  /** Default `power`. */
  readonly durability?: Durability;
  /** When the server dies by itself: start it again on the same port (default), or leave it dead. */
  readonly onDeath?: 'restart' | 'leave';
}

const launchAttempts = 6;
const startTimeoutMs = 120_000;

/**
 * Starts the server of this folder, or adopts the one that an earlier process of ours left running. It goes on running
 * when this process dies. Rejects with what a person can do about it.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const logger = options.logger ?? silentLogger;
  const dataDir = resolve(options.dataDir);
  const clusterDir = join(dataDir, 'cluster');
  await mkdir(dataDir, { recursive: true });
  const password = await clusterPassword({ dataDir, clusterDir });

  const bringUp = async (port: number | undefined) => {
    const live = await readyPostmaster(clusterDir);
    if (live === undefined) return launchUntilReady(await planLaunch({ ...options, dataDir, clusterDir }), port);
    return { postmaster: live, outcome: 'adopted' as const };
  };
  const { postmaster, outcome } = await bringUp(options.port);
  try {
    await greet(password, postmaster.port);
  } catch (error) {
    if (outcome === 'started') await stopPostmaster(clusterDir, postmaster.pid, startTimeoutMs);
    throw error;
  }
  logger.info({ outcome, pid: postmaster.pid, port: postmaster.port, dataDir }, 'embedded Postgres is ready');

  const restart = async () => (await bringUp(postmaster.port)).postmaster;
  const onDeath = options.onDeath === 'leave' ? undefined : restart;
  return new RunningServer({ clusterDir, password, postmaster, outcome, logger, onDeath });
}

/** The live server of this cluster once it is ready; undefined when there is none, or it was just stopping. */
async function readyPostmaster(clusterDir: string): Promise<Postmaster | undefined> {
  for (const giveUpAt = Date.now() + startTimeoutMs; Date.now() < giveUpAt; await delay(20)) {
    const live = await livePostmaster(clusterDir);
    if (live === undefined || live.state === 'ready') return live;
    if (live.state === 'stopping') await waitUntilGone(clusterDir, live.pid, startTimeoutMs);
  }
  throw new Error(`The Postgres of ${clusterDir} does not become ready.`);
}

/** Makes the cluster when there is none, and decides with which binaries and as whom its server runs. */
async function planLaunch(options: EmbeddedPostgresOptions & { readonly clusterDir: string }): Promise<LaunchPlan> {
  const { dataDir, clusterDir } = options;
  const durability = options.durability ?? 'power';
  const user = await chooseServerUser(clusterDir);
  const version = await clusterVersion(clusterDir);
  const { bin, major } = await findBinaries({ given: options.binaries, user, major: version, dataDir });
  if (version === undefined) await createCluster({ dataDir, clusterDir, bin, user, durability });
  else if ((await stat(clusterDir)).uid !== (user?.uid ?? process.getuid?.())) await giveTo(user, clusterDir);
  const directory = await nameForServer(user, clusterDir);
  return { dataDir, clusterDir, directory, bin, major, user, durability };
}

async function launchUntilReady(plan: LaunchPlan, port: number | undefined) {
  let problem: unknown;
  for (let attempt = 0; attempt < launchAttempts; attempt += 1) {
    // The port may just have been taken, a killed server's last processes may still be leaving, or another process of
    // ours may be starting the same server, which is then found here.
    if (attempt > 0) await delay(100 * 2 ** attempt);
    const live = await readyPostmaster(plan.clusterDir);
    if (live !== undefined) return { postmaster: live, outcome: 'adopted' as const };
    await dropStalePidFile(plan.clusterDir);
    try {
      return { postmaster: await launch(plan, port), outcome: 'started' as const };
    } catch (error) {
      problem = error;
    }
  }
  throw problem;
}
