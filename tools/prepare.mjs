// Makes a fresh clone runnable: installs what is missing and builds what changed. Needs Node and npm, nothing else.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout's root folder. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

const pnpm = ['npx', '--yes', 'pnpm@12.21.0'];
const stampFile = join(root, 'node_modules', '.terramesh-prepared.json');
const groups = ['apps', 'packages'];
const singles = ['e2e', 'bench', 'chaos'];

/**
 * Returns when dependencies are installed and every package is built; throws an Error whose message is for the person
 * at the terminal. Costs some 20 ms when nothing changed since the last time.
 * @param {{ quiet?: boolean }} [options] quiet: no progress lines; output of a step that failed is shown always.
 */
export async function prepare({ quiet = false } = {}) {
  checkNodeVersion();
  const say = quiet ? () => {} : (line) => process.stderr.write(`${line}\n`);
  const wanted = fingerprints();
  const stamp = readStamp();
  const installed = existsSync(join(root, 'node_modules', '.modules.yaml')) && stamp.manifests === wanted.manifests;
  if (!installed) {
    say('Installing dependencies (the first time takes about half a minute)…');
    await run([...pnpm, 'install', '--frozen-lockfile'], 'Installing the dependencies');
    writeFileSync(stampFile, JSON.stringify({ manifests: wanted.manifests }));
  }
  if (!installed || stamp.sources !== wanted.sources || !allBuilt()) {
    say('Building…');
    await run([...pnpm, 'exec', 'turbo', 'run', 'build', '--output-logs=errors-only'], 'The build');
  }
  writeFileSync(stampFile, JSON.stringify(wanted));
}

/** Throws unless this Node can run the product. */
export function checkNodeVersion() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    throw new Error(`Node 20.19 or newer is needed; this is ${process.versions.node}.`);
  }
}

/** Contents of the manifests, and size and time of every source file. */
function fingerprints() {
  const manifests = createHash('sha256');
  const sources = createHash('sha256');
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json'])
    manifests.update(read(join(root, file)));
  for (const file of ['turbo.json', 'tsconfig.base.json']) sources.update(read(join(root, file)));
  for (const folder of packageFolders()) {
    manifests.update(folder).update(read(join(folder, 'package.json')));
    sources.update(read(join(folder, 'tsconfig.json')));
    for (const file of filesBelow(join(folder, 'src'))) {
      const { size, mtimeMs } = statSync(file);
      sources.update(`${file} ${size} ${mtimeMs}\n`);
    }
  }
  return { manifests: manifests.digest('hex'), sources: sources.digest('hex') };
}

function packageFolders() {
  const inGroups = groups.flatMap((group) => {
    const folder = join(root, group);
    return existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
  });
  const all = [...inGroups, ...singles.map((name) => join(root, name))];
  return all.filter((folder) => existsSync(join(folder, 'package.json'))).sort();
}

function allBuilt() {
  return packageFolders().every((folder) => {
    const built = read(join(folder, 'package.json')).includes('"build"') && existsSync(join(folder, 'src'));
    return !built || existsSync(join(folder, 'dist'));
  });
}

function filesBelow(folder) {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

function read(file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

function readStamp() {
  try {
    return JSON.parse(readFileSync(stampFile, 'utf8'));
  } catch {
    // No stamp, or one that was cut short: do all the work again.
    return {};
  }
}

/** Runs a command with its output held back; shows it, and throws, when the command fails. */
function run([command, ...args], what) {
  const { NODE_ENV: _, ...inherited } = process.env; // NODE_ENV=production would leave out the compiler
  const env = { ...inherited, CI: 'true', TURBO_TELEMETRY_DISABLED: '1', TURBO_NO_UPDATE_NOTIFIER: '1' };
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: 20 * 60_000 });
    const output = [];
    child.stdout.on('data', (chunk) => output.push(chunk));
    child.stderr.on('data', (chunk) => output.push(chunk));
    child.once('error', (error) => reject(new Error(`${what} could not be started: ${error.message}`)));
    child.once('close', (code, signal) => {
      if (code === 0) return resolve();
      process.stderr.write(Buffer.concat(output));
      reject(new Error(`${what} failed (${signal ?? `exit code ${code}`}); its output is above.`));
    });
  });
}
