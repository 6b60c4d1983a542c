// `npm run lint`: every check that needs no running system. All of them run, and all that failed are shown.
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { prepare, root } from './prepare.mjs';

const bin = (name) => join(root, 'node_modules', '.bin', name);

const checks = [
  {
    name: 'types of sources, tests and tools',
    command: [bin('tsc'), '-p', 'tsconfig.tests.json', '--pretty', 'false'],
  },
  {
    name: 'biome: format, rules, imports',
    command: [bin('biome'), 'check', '--error-on-warnings', '--diagnostic-level=warn', '--max-diagnostics=50'],
  },
  {
    name: 'knip: nothing unused, nothing undeclared',
    command: [bin('knip'), '--no-progress', '--no-config-hints'],
  },
  { name: 'turbo boundaries: who may depend on whom', command: [bin('turbo'), 'boundaries'] },
  { name: 'sherif: manifests', command: [bin('sherif')] },
  { name: 'dclint: the compose file', command: [bin('dclint'), '--max-warnings', '0', 'docker-compose.yml'] },
  { name: 'file length', command: [process.execPath, 'tools/file-length.mjs'] },
  { name: 'generated documents', command: [process.execPath, 'tools/generate-docs.mjs', '--check'] },
];

/** Runs one check; never throws. */
function run({ name, command: [executable, ...args] }) {
  const env = { ...process.env, FORCE_COLOR: process.stdout.isTTY ? '1' : '0', TURBO_TELEMETRY_DISABLED: '1' };
  const startedAt = performance.now();
  return new Promise((resolve) => {
    const child = spawn(executable, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: 5 * 60_000 });
    const output = [];
    child.stdout.on('data', (chunk) => output.push(chunk));
    child.stderr.on('data', (chunk) => output.push(chunk));
    const done = (passed) => {
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
      console.log(`${passed ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`);
      resolve({ name, passed, output: Buffer.concat(output).toString() });
    };
    child.once('error', (error) => {
      output.push(Buffer.from(error.message));
      done(false);
    });
    child.once('close', (code) => done(code === 0));
  });
}

async function lint() {
  await prepare();
  const waiting = [...checks];
  const results = [];
  const worker = async () => {
    for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) results.push(await run(check));
  };
  await Promise.all(Array.from({ length: Math.min(4, availableParallelism()) }, worker));

  const failed = results.filter(({ passed }) => !passed);
  for (const { name, output } of failed) console.log(`\n──── ${name}\n${output.trim()}`);
  console.log(failed.length === 0 ? '\nLint passed.' : `\nLint failed: ${failed.map(({ name }) => name).join('; ')}.`);
  process.exitCode = failed.length === 0 ? 0 : 1;
}

lint().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
