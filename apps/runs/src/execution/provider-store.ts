// Providers, kept once for all targets of this machine. Terraform writes over what is in TF_PLUGIN_CACHE_DIR, under the
// eyes of every plan that uses it, whenever a lock file has no `h1:` hash of the package: there is no lock file, or it was
// made on another operating system. So no cache is shared. What `init` installs goes to a folder of its own, and from
// there by rename into the store, where nothing is ever written again; the next `init` finds linked in its data directory
// what its lock file accepts, which is all that Terraform leaves alone for sure.
import { lstat, mkdir, mkdtemp, readdir, readlink, rename, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { foldersIn } from './files.js';
import { InitGate } from './init-gate.js';
import { type LockedPackage, lockedPackages } from './lock-file.js';
import { hexOfPackageHash, settlePackage } from './package-hash.js';

export interface Installation {
  /** TF_DATA_DIR, on the file system of the store. */
  readonly dataDir: string;
  /** Content of the lock file that `init` will find. */
  readonly lockFile: string | undefined;
  /** Runs it, with this TF_PLUGIN_CACHE_DIR. */
  readonly init: (pluginCacheDir: string) => Promise<void>;
}

const installing = 'installing-';

export class ProviderStore {
  private readonly gate = new InitGate();

  /** `folder` holds `host/namespace/name/version/platform/<hash>`. */
  constructor(private readonly folder: string) {}

  async install({ dataDir, lockFile, init }: Installation): Promise<void> {
    const locked = lockedPackages(lockFile ?? '');
    const wanted: string[] = [];
    for (const each of locked) {
      if ((await this.find(each)).length === 0) wanted.push(`${each.source} ${each.version}`);
    }
    await this.gate.run(wanted, async () => {
      const links = join(dataDir, 'providers');
      const old = (await foldersIn(dataDir)).filter((name) => name.startsWith(installing));
      for (const path of [links, ...old.map((name) => join(dataDir, name))]) await remove(path);
      // New for each: an init that outlived a worker may still write to its own.
      const installed = await mkdtemp(join(dataDir, installing));
      try {
        for (const each of locked) await this.lend(each, links);
        // Also where a CLI configuration names a cache, which other targets would write to.
        await init(installed);
        await this.keep(installed, links);
      } finally {
        await remove(installed);
      }
    });
  }

  private async lend(locked: LockedPackage, links: string): Promise<void> {
    for (const { platform, path } of await this.find(locked)) {
      await link(join(links, locked.source, locked.version, platform), path);
    }
  }

  /** What the lock file accepts and is here: at most one of each platform. */
  private async find({ source, version, hashes }: LockedPackage): Promise<{ platform: string; path: string }[]> {
    const found: { platform: string; path: string }[] = [];
    const names = new Set(hashes.map(hexOfPackageHash));
    for (const platform of await foldersIn(join(this.folder, source, version))) {
      const packages = await foldersIn(join(this.folder, source, version, platform));
      const name = packages.find((each) => names.has(each));
      if (name !== undefined) found.push({ platform, path: join(this.folder, source, version, platform, name) });
    }
    return found;
  }

  private async keep(installed: string, links: string): Promise<void> {
    for (const name of await packagesIn(installed)) {
      const path = join(installed, name);
      // What a mirror has unpacked stays there: Terraform only links to it.
      const mirrored = (await lstat(path)).isSymbolicLink() ? await readlink(path) : undefined;
      await link(join(links, name), mirrored ?? (await this.take(path, name)));
    }
  }

  private async take(path: string, name: string): Promise<string> {
    const kept = join(this.folder, name, await settlePackage(path));
    await mkdir(dirname(kept), { recursive: true, mode: 0o700 });
    await rename(path, kept).catch((error: NodeJS.ErrnoException) => {
      // It is there already; this one is removed with its folder.
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
    return kept;
  }
}

function remove(path: string): Promise<void> {
  return rm(path, { recursive: true, force: true });
}

async function link(path: string, target: string): Promise<void> {
  await remove(path);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await symlink(target, path);
}

/** `host/namespace/name/version/platform` of each, link or not. */
async function packagesIn(folder: string): Promise<string[]> {
  let versions = [''];
  for (let depth = 0; depth < 4; depth += 1) {
    const deeper = versions.map(async (path) => (await foldersIn(join(folder, path))).map((name) => join(path, name)));
    versions = (await Promise.all(deeper)).flat();
  }
  const packages = versions.map(async (path) =>
    (await readdir(join(folder, path), { withFileTypes: true }))
      .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
      .map(({ name }) => join(path, name)),
  );
  return (await Promise.all(packages)).flat();
}
