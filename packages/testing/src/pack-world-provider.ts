// The tests' own provider as a registry serves it: in a zip, whose checksum is what lock files made elsewhere know.
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { installWorldProvider, type WorldProvider } from './install-world-provider.js';

export interface PackedWorldProvider extends WorldProvider {
  /** The path in the mirror without the file: `host/namespace/name`. */
  readonly address: string;
  readonly version: string;
  /** `zh:…` of this machine's package, one of those that `terraform init` writes into a lock file on any other. */
  readonly zipHash: string;
  /** `h1:…` of the same, which only `terraform init` on this platform writes. */
  readonly packageHash: string;
}

/** A file system mirror like that of installWorldProvider, which Terraform unpacks instead of linking to it. */
export async function packWorldProvider(folder: string): Promise<PackedWorldProvider> {
  const unpacked = await installWorldProvider(folder);
  const address = 'registry.terraform.io/terramesh/world';
  const version = '0.1.0';
  const [platform = ''] = await readdir(join(folder, 'mirror', address, version));
  const name = `terraform-provider-world_v${version}`;
  const executable = await readFile(join(folder, 'mirror', address, version, platform, name));
  const zip = zipOf(name, executable);
  const mirror = join(folder, 'packed');
  await mkdir(join(mirror, address), { recursive: true });
  await writeFile(join(mirror, address, `terraform-provider-world_${version}_${platform}.zip`), zip);
  const cliConfigFile = join(folder, 'packed.rc');
  const configuration = (await readFile(unpacked.cliConfigFile, 'utf8')).replace(
    JSON.stringify(join(folder, 'mirror')),
    JSON.stringify(mirror),
  );
  await writeFile(cliConfigFile, configuration);
  const zipHash = `zh:${sha256(zip).digest('hex')}`;
  const packageHash = `h1:${sha256(`${sha256(executable).digest('hex')}  ${name}\n`).digest('base64')}`;
  return { ...unpacked, cliConfigFile, address, version, zipHash, packageHash };
}

function sha256(content: Buffer | string) {
  return createHash('sha256').update(content);
}

/** A zip of one executable file, stored as it is. */
function zipOf(name: string, content: Buffer): Buffer {
  const path = Buffer.from(name);
  const described = Buffer.alloc(26);
  described.writeUInt16LE(20, 0);
  described.writeUInt32LE(crc32(content), 10);
  described.writeUInt32LE(content.length, 14);
  described.writeUInt32LE(content.length, 18);
  described.writeUInt16LE(path.length, 22);
  const local = Buffer.concat([Buffer.from('PK\x03\x04'), described, path, content]);
  const unix = Buffer.from([20, 3]);
  const attributes = Buffer.alloc(14);
  attributes.writeUInt32LE(0o100755 * 0x10000, 6);
  const central = Buffer.concat([Buffer.from('PK\x01\x02'), unix, described, attributes, path]);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(1, 4);
  end.writeUInt16LE(1, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(local.length, 12);
  return Buffer.concat([local, central, Buffer.from('PK\x05\x06'), end]);
}
