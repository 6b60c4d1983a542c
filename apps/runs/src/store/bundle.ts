// A plan bundle: all that an apply on another machine needs, under the hash of its content.
import { createHash } from 'node:crypto';
import { AppError } from '@terramesh/contracts';

export interface BundleMeta {
  readonly commit: string;
  readonly distribution: string;
  readonly toolVersion: string;
  readonly directory: string;
  readonly terraformWorkspace: string;
}

export interface Bundle {
  readonly meta: BundleMeta;
  /** By path relative to the target's directory; `planFileName` is the plan. */
  readonly files: ReadonlyMap<string, Buffer>;
}

export const planFileName = 'terramesh.tfplan';
export const lockFileName = '.terraform.lock.hcl';

/** Where bundles are kept. Postgres today; a folder or S3 fit behind the same three calls. */
export interface BundleStore<Tx> {
  /** Stores within the caller's transaction; the id is the SHA-256 of the content. */
  put(tx: Tx, executionId: string, bundle: Bundle): Promise<string>;
  /** Throws CONFLICT when the content is missing, damaged or not decryptable. */
  get(executionId: string, id: string): Promise<Bundle>;
  discard(tx: Tx, executionId: string): Promise<void>;
}

/** `<4 bytes: length of header><header: JSON of meta and [name, size]…><contents>` */
export function packBundle(bundle: Bundle): { id: string; content: Buffer } {
  const header = Buffer.from(
    JSON.stringify({ meta: bundle.meta, files: [...bundle.files].map(([name, bytes]) => [name, bytes.length]) }),
  );
  const length = Buffer.alloc(4);
  length.writeUInt32BE(header.length);
  const content = Buffer.concat([length, header, ...bundle.files.values()]);
  return { id: createHash('sha256').update(content).digest('hex'), content };
}

/** Throws CONFLICT when the content does not have this hash. */
export function unpackBundle(id: string, content: Buffer): Bundle {
  if (createHash('sha256').update(content).digest('hex') !== id)
    throw new AppError('CONFLICT', `the stored plan does not match its hash ${id.slice(0, 12)}: plan again`);
  const headerEnd = 4 + content.readUInt32BE(0);
  const header = JSON.parse(content.subarray(4, headerEnd).toString()) as {
    meta: BundleMeta;
    files: [string, number][];
  };
  const files = new Map<string, Buffer>();
  let at = headerEnd;
  for (const [name, size] of header.files) {
    files.set(name, content.subarray(at, at + size));
    at += size;
  }
  return { meta: header.meta, files };
}

/** Says which fact of a plan no longer holds here, or null. Pure. */
export function bundleMismatch(planned: BundleMeta, here: BundleMeta): string | null {
  if (planned.commit !== here.commit) return `it was planned at commit ${planned.commit}, not ${here.commit}`;
  if (planned.distribution !== here.distribution)
    return `it was planned with ${planned.distribution}, and this worker has ${here.distribution}`;
  if (planned.toolVersion !== here.toolVersion)
    return `it was planned with ${planned.distribution} ${planned.toolVersion}, and this worker has ${here.toolVersion}`;
  if (planned.directory !== here.directory || planned.terraformWorkspace !== here.terraformWorkspace)
    return `it was planned for ${planned.directory} in workspace ${planned.terraformWorkspace}`;
  return null;
}
