// One process per data directory: a second one would take the first one's live checkouts for garbage.
import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { readBootId, readStartTime } from './boot.js';

const Owner = z.object({
  token: z.string(),
  host: z.string(),
  bootId: z.string(),
  pid: z.int().positive(),
  /** Tells the process from a later one with the same pid; absent where the system does not say. */
  startTime: z.string().optional(),
});
type Owner = z.infer<typeof Owner>;

/** A living process has the directory. */
export class DirectoryInUse extends Error {
  override readonly name = 'DirectoryInUse';

  constructor(directory: string, { pid, host }: { pid: number; host: string }) {
    super(
      `${directory} is in use by process ${pid} on ${host}. Stop that process, or set TERRAMESH_DATA_DIR to another folder.`,
    );
  }
}

export interface DirectoryClaim {
  release(): Promise<void>;
}

export interface ClaimOptions {
  /** How often the owner shows that it lives; an owner on another host is given three times as long. */
  readonly heartbeatMs?: number;
  /** The name of this host; containers that share a volume differ in it. */
  readonly host?: string;
}

/**
 * Creates the directory and makes this process its only owner until `release`. An owner that was killed is succeeded.
 * Throws DirectoryInUse.
 */
export async function claimDirectory(directory: string, options: ClaimOptions = {}): Promise<DirectoryClaim> {
  const { heartbeatMs = 5000, host = hostname() } = options;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const file = join(directory, 'owner.json');
  const startTime = await readStartTime(process.pid);
  const self: Owner = {
    token: randomUUID(),
    host,
    bootId: await readBootId(),
    pid: process.pid,
    ...(startTime === undefined ? {} : { startTime }),
  };
  while (!(await create(file, self))) {
    const owner = await readOwner(file);
    if (owner !== undefined && (await isAlive(file, owner, self, heartbeatMs))) {
      throw new DirectoryInUse(directory, owner);
    }
    await removeOwner(file, owner);
  }
  const heartbeat = setInterval(() => {
    const now = new Date();
    // A missed beat does no harm: three in a row have to be missed.
    utimes(file, now, now).catch(() => undefined);
  }, heartbeatMs).unref();
  return {
    release: async () => {
      clearInterval(heartbeat);
      await removeOwner(file, self);
    },
  };
}

/** False when there is an owner already. Linked, so that nobody ever reads half an owner. */
async function create(file: string, owner: Owner): Promise<boolean> {
  const draft = `${file}.${owner.token}`;
  await writeFile(draft, JSON.stringify(owner), { mode: 0o600 });
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

/** Undefined when there is no owner, or its file was lost with the power. */
async function readOwner(file: string): Promise<Owner | undefined> {
  try {
    return Owner.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    if (
      (error as NodeJS.ErrnoException).code === 'ENOENT' ||
      error instanceof SyntaxError ||
      error instanceof z.ZodError
    )
      return undefined;
    throw error;
  }
}

async function isAlive(file: string, owner: Owner, self: Owner, heartbeatMs: number): Promise<boolean> {
  if (owner.host !== self.host) return hasHeartbeat(file, heartbeatMs);
  if (owner.bootId !== self.bootId || !isRunning(owner.pid)) return false;
  return owner.startTime === undefined || owner.startTime === (await readStartTime(owner.pid));
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** A process on another host, or in another container, can only be seen by what it writes. */
async function hasHeartbeat(file: string, heartbeatMs: number): Promise<boolean> {
  const before = await modifiedAt(file);
  const until = Date.now() + 3 * heartbeatMs;
  while (Date.now() < until) {
    await delay(heartbeatMs / 5);
    if ((await modifiedAt(file)) !== before) return true;
  }
  return false;
}

async function modifiedAt(file: string): Promise<number | undefined> {
  try {
    return (await stat(file)).mtimeMs;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Puts the file aside before it looks again: of two successors, only one removes the owner that both found dead. */
async function removeOwner(file: string, owner: Owner | undefined): Promise<void> {
  const aside = `${file}.${randomUUID()}`;
  try {
    await rename(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const removed = await readOwner(aside);
  if (removed?.token === owner?.token) await rm(aside, { force: true });
  else await rename(aside, file);
}
