import { readFileSync } from 'node:fs';
import { z } from 'zod';

export interface BuildInfo {
  readonly version: string;
  readonly node: string;
}

const Manifest = z.object({ version: z.string() });
let known: BuildInfo | undefined;

/** The version of terramesh: all packages carry the same. Read once, when first asked. */
export function buildInfo(): BuildInfo {
  known ??= { version: readVersion(), node: process.versions.node };
  return known;
}

function readVersion(): string {
  return Manifest.parse(JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))).version;
}
