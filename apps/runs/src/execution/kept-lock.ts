// `init` adds to the lock file of a checkout what Terraform needs of it afterwards, above all the hashes for this platform.
// The next checkout has the file as it was committed, or none: it gets the one that its kept data directory belongs to.
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lockFileName } from '../store/bundle.js';
import { readIfThere } from './files.js';
import { lockedPackages } from './lock-file.js';

export class KeptLock {
  private readonly path: string;
  private readonly given: string;
  private readonly made: string;

  constructor({ directory, dataDir }: { directory: string; dataDir: string }) {
    this.path = join(directory, lockFileName);
    this.given = join(dataDir, 'terramesh.given.lock.hcl');
    this.made = join(dataDir, 'terramesh.lock.hcl');
  }

  /** What the checkout has; undefined when it has none. */
  read(): Promise<Buffer | undefined> {
    return readIfThere(this.path);
  }

  /** Puts into the checkout what the last `init` made of the same file. */
  async complete(found: Buffer | undefined): Promise<void> {
    const made = await this.madeOf(found);
    if (made !== undefined) await this.replace(made);
  }

  /**
   * Before `init`: puts into the checkout what it begins with, and tells it. That is the file as it was found, or one that
   * only knows more hashes of the same packages: what was installed for it need not be fetched again.
   */
  async begin(found: Buffer | undefined): Promise<string | undefined> {
    const made = found === undefined ? undefined : await this.madeOf(found);
    const start = made !== undefined && packagesOf(made) === packagesOf(found) ? made : found;
    await this.replace(start);
    return start?.toString();
  }

  /** After `init`. */
  async keep(found: Buffer | undefined): Promise<void> {
    for (const path of [this.made, this.given]) await rm(path, { force: true });
    const made = await this.read();
    if (made === undefined) return;
    if (found !== undefined) await writeFile(this.given, found, { mode: 0o600 });
    await writeFile(this.made, made, { mode: 0o600 });
  }

  private async madeOf(found: Buffer | undefined): Promise<Buffer | undefined> {
    const given = await readIfThere(this.given);
    const same = found === undefined ? given === undefined : given?.equals(found);
    return same ? readIfThere(this.made) : undefined;
  }

  /** Never through a link that a commit may have there. */
  private async replace(content: Buffer | undefined): Promise<void> {
    await rm(this.path, { force: true });
    if (content !== undefined) await writeFile(this.path, content);
  }
}

function packagesOf(lockFile: Buffer | undefined): string {
  const packages = lockedPackages(lockFile?.toString() ?? '');
  return JSON.stringify(packages.map(({ source, version }) => [source, version]).sort());
}
