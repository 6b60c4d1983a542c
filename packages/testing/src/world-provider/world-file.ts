// The resource `world_file`: a file outside of any repository. What is done to it by hand is real drift.
import { createHash } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { unknown, type Value } from './message-pack.js';

/** `secret` lies beside it, in `<path>.secret`. */
export interface WorldFile {
  path: Value;
  content: Value;
  secret: Value;
  sha256: Value;
}

/** Of the schema: Terraform's type in JSON, and the flags of an attribute. */
export const worldFileAttributes = {
  path: { required: true },
  content: { optional: true },
  secret: { optional: true, sensitive: true },
  sha256: { computed: true },
} as const;

/** The file as it is; null when it is gone. `known` is what its state says. */
export async function readWorldFile(known: WorldFile): Promise<WorldFile | null> {
  const path = text(known.path);
  const content = await readIfThere(path);
  if (content === null) return null;
  const secret = await readIfThere(secretPath(path));
  return {
    path,
    content: content === '' && known.content === null ? null : content,
    secret,
    sha256: hash(content, secret),
  };
}

/** What is known before the apply of what will be. */
export function planWorldFile(prior: WorldFile | null, proposed: WorldFile): { planned: WorldFile; replaces: boolean } {
  const replaces = prior !== null && prior.path !== proposed.path;
  const same = prior?.content === proposed.content && prior.secret === proposed.secret;
  return { planned: { ...proposed, sha256: same && !replaces && prior !== null ? prior.sha256 : unknown }, replaces };
}

/** Writes the file. The folder must be there. */
export async function writeWorldFile(planned: WorldFile): Promise<WorldFile> {
  const path = text(planned.path);
  const content = planned.content === null ? '' : text(planned.content);
  const secret = planned.secret === null ? null : text(planned.secret);
  await writeFile(path, content);
  if (secret === null) await rm(secretPath(path), { force: true });
  else await writeFile(secretPath(path), secret, { mode: 0o600 });
  return { path, content: planned.content, secret, sha256: hash(content, secret) };
}

export async function removeWorldFile(prior: WorldFile): Promise<void> {
  await rm(text(prior.path), { force: true });
  await rm(secretPath(text(prior.path)), { force: true });
}

function secretPath(path: string): string {
  return `${path}.secret`;
}

function hash(content: string, secret: string | null): string {
  return createHash('sha256')
    .update(content)
    .update('\0')
    .update(secret ?? '')
    .digest('hex');
}

function text(value: Value): string {
  if (typeof value !== 'string') throw new Error('a text is needed');
  return value;
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
