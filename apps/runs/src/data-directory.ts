// The folder this process owns on its machine.
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Folders } from './context.js';

export interface DataDirectory {
  readonly folders: Folders;
  /** Stays the same for as long as the directory exists. */
  readonly hostId: string;
}

/** Creates what is missing. */
export async function openDataDirectory(root: string): Promise<DataDirectory> {
  const folders: Folders = {
    checkouts: join(root, 'checkouts'),
    mirrors: join(root, 'mirrors'),
    executions: join(root, 'executions'),
    erroredStates: join(root, 'errored-states'),
    dataDirs: join(root, 'terraform'),
    providerStore: join(root, 'provider-store'),
    home: join(root, 'home'),
  };
  for (const folder of Object.values(folders)) await mkdir(folder, { recursive: true, mode: 0o700 });
  return { folders, hostId: await hostIdOf(join(root, 'host-id')) };
}

async function hostIdOf(file: string): Promise<string> {
  try {
    await writeFile(file, `host-${randomUUID()}\n`, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const id = (await readFile(file, 'utf8')).trim();
  if (!/^host-[0-9a-f-]{36}$/.test(id)) throw new Error(`${file} is damaged: remove it while no run is in progress`);
  return id;
}
