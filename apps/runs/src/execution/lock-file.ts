// Which packages of providers a dependency lock file (.terraform.lock.hcl) accepts.

export interface LockedPackage {
  /** `host/namespace/name` and a version: safe as parts of a path. */
  readonly source: string;
  readonly version: string;
  /** `h1:` hashes, of whichever platforms. */
  readonly hashes: readonly string[];
}

const provider = /^provider "([a-z\d][\w.:-]*(?:\/[a-z\d][\w-]*){2})" \{$/i;
const version = /^version\s*= "(\d[\w.+-]*)"$/;
const packageHash = /^"(h1:[A-Za-z\d+/]{43}=)",$/;
const known = [/^constraints\s*= "[^"]*"$/, /^hashes\s*= \[$/, /^\]$/, /^"[a-z\d]+:[^"\s]*",$/, /^(?:(?:#|\/\/).*)?$/];

/** Empty when the file is not written as Terraform writes it: nothing is known then. */
export function lockedPackages(lockFile: string): readonly LockedPackage[] {
  const packages: LockedPackage[] = [];
  let open: { source: string; version: string; hashes: string[] } | undefined;
  for (const line of lockFile.split('\n').map((each) => each.trim())) {
    const source = provider.exec(line)?.[1];
    const value = version.exec(line)?.[1];
    const hash = packageHash.exec(line)?.[1];
    if (source !== undefined && open === undefined) open = { source, version: '', hashes: [] };
    else if (value !== undefined && open !== undefined) open.version = value;
    else if (hash !== undefined && open !== undefined) open.hashes.push(hash);
    else if (line === '}' && open !== undefined && open.version !== '') {
      packages.push(open);
      open = undefined;
    } else if (!known.some((form) => form.test(line))) return [];
  }
  return open === undefined ? packages : [];
}
