// Postgres refuses to run as root. Everything about running it as somebody else.
import { execFile } from 'node:child_process';
import { chown, lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Whose process the server is; undefined = ours. */
export type ServerUser = { readonly uid: number; readonly gid: number } | undefined;

const nobody = { uid: 65_534, gid: 65_534 };

/** Who may own the cluster: ourselves, or, when we are root, its owner so far, `postgres`, or `nobody`. */
export async function chooseServerUser(clusterDir: string): Promise<ServerUser> {
  const ownUid = process.getuid?.();
  const owner = await lstat(clusterDir).catch(() => undefined);
  if (ownUid !== 0) {
    if (ownUid !== undefined && owner !== undefined && owner.uid !== ownUid) {
      throw new Error(`${clusterDir} belongs to the user with the id ${owner.uid}; run as that user, or as root.`);
    }
    return undefined;
  }
  if (owner !== undefined && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  const accounts = await readFile('/etc/passwd', 'utf8').catch(() => '');
  return account(accounts, 'postgres') ?? account(accounts, 'nobody') ?? nobody;
}

/** Gives a folder and all in it to the server's user. */
export async function giveTo(user: ServerUser, path: string): Promise<void> {
  if (user === undefined) return;
  await chown(path, user.uid, user.gid);
  for (const entry of await readdir(path, { withFileTypes: true })) {
    const below = join(path, entry.name);
    if (entry.isDirectory()) await giveTo(user, below);
    else if (entry.isFile()) await chown(below, user.uid, user.gid);
  }
}

/**
 * What to call a folder that is the server's working directory. Below a folder that its user may not enter, such as
 * /root, its name is of no use, but Linux still has a name for where a process already is.
 */
export async function nameForServer(user: ServerUser, directory: string): Promise<string> {
  if (user === undefined || process.platform !== 'linux') return directory;
  try {
    await promisify(execFile)('/bin/sh', ['-c', 'cd -- "$1"', 'sh', directory], { ...user, cwd: '/', timeout: 10_000 });
    return directory;
  } catch {
    return '/proc/self/cwd';
  }
}

function account(accounts: string, name: string): { uid: number; gid: number } | undefined {
  const fields = accounts.split('\n').map((line) => line.split(':'));
  const [, , uid, gid] = fields.find(([entry]) => entry === name) ?? [];
  return uid === undefined || gid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) };
}
