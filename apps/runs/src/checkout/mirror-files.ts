// The files of a bare mirror: where they are, whether they are complete, what a killed git leaves behind.
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Repository } from '@terramesh/contracts';
import type { Git } from './git.js';

/** Written when the mirror has been created completely, removed by whoever finds it damaged. */
const soundMark = 'terramesh-sound';

/** Holds what is on its way into or out of the mirror's `worktrees`. */
export const draftsFolder = 'terramesh-drafts';

/** One folder name per repository; the hash tells apart what differs in case or in the characters replaced here. */
export function mirrorName({ hostname, repository }: Repository): string {
  const readable = `${hostname}-${repository}`
    .toLowerCase()
    .replaceAll(/[^a-z0-9.-]/g, '_')
    .slice(0, 80);
  return `${readable}-${shortHash(`${hostname}\n${repository}`)}`;
}

/**
 * The mirror's own ref for a branch or tag of the remote. A flat name: `a` may be followed by `a/b`, and `A` is not `a`,
 * whatever the file system thinks.
 */
export function mirrorRef(remoteRef: string): string {
  const namespace = remoteRef.startsWith('refs/tags/') ? 'refs/tags' : 'refs/heads';
  return `${namespace}/fetched-${shortHash(remoteRef)}`;
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 20);
}

/** Creates the mirror, or creates it anew when it was marked as damaged or its creation was interrupted. */
export async function ensureMirror(git: Git, mirror: string): Promise<void> {
  if (await isSound(mirror)) return;
  await rm(mirror, { recursive: true, force: true });
  await mkdir(mirror, { recursive: true, mode: 0o700 });
  await git.run(['init', '--quiet', '--bare', '--template=', '--', mirror], {
    cwd: git.directory,
    timeoutMs: 30_000,
    reach: 'disk',
  });
  await writeFile(join(mirror, soundMark), '');
}

async function isSound(mirror: string): Promise<boolean> {
  try {
    await stat(join(mirror, soundMark));
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** The next fetch starts from nothing. */
export async function markDamaged(mirror: string): Promise<void> {
  await rm(join(mirror, soundMark), { force: true });
}

/** The commit or tag that a fetched ref points to; undefined when it was not fetched or its file is damaged. */
export async function readMirrorRef(mirror: string, ref: string): Promise<string | undefined> {
  try {
    const text = (await readFile(join(mirror, ref), 'utf8')).trim();
    return /^[0-9a-f]{40}$/.test(text) ? text : undefined;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Removes the lock files and half packs that a killed git left. Only while no git works on the mirror. */
export async function removeLeftovers(mirror: string): Promise<void> {
  await Promise.all([
    removeMatching(mirror, /\.lock$/),
    removeMatching(join(mirror, 'refs', 'heads'), /\.lock$/),
    removeMatching(join(mirror, 'refs', 'tags'), /\.lock$/),
    removeMatching(join(mirror, 'objects', 'pack'), /^(tmp_|\.tmp-)/),
  ]);
}

async function removeMatching(folder: string, pattern: RegExp): Promise<void> {
  const names = (await namesIn(folder)).filter((name) => pattern.test(name));
  await Promise.all(names.map((name) => rm(join(folder, name), { force: true })));
}

/** The names in a folder; none when there is no folder. */
export async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

export function isMissing(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'ENOENT' || code === 'ENOTDIR';
}
