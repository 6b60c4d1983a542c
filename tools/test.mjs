// `npm test [-- <paths and jest options>]`: everything, from a fresh clone. The last line has the totals.
import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ensureNats } from './ensure-nats.mjs';
import { checkNodeVersion, prepare, root } from './prepare.mjs';

const exitGraceMs = 20_000;

process.exitCode = await main(process.argv.slice(2)).catch((error) => {
  console.error(error.message);
  return 1;
});

async function main(args) {
  checkNodeVersion();
  await checkTools();
  await prepare();
  await ensureNats();
  return test(args);
}

async function checkTools() {
  if (!(await runs('git', ['--version']))) throw new Error('git is needed on the PATH.');
  if (!(await runs('terraform', ['version'])) && !(await runs('tofu', ['version']))) {
    throw new Error(
      'terraform or tofu is needed on the PATH: https://developer.hashicorp.com/terraform/install or https://opentofu.org/docs/intro/install.',
    );
  }
}

async function runs(file, args) {
  try {
    await promisify(execFile)(file, args, { timeout: 60_000 });
    return true;
  } catch {
    return false;
  }
}

async function test(args) {
  const folder = mkdtempSync(join(tmpdir(), 'terramesh-test-'));
  try {
    const resultsFile = join(folder, 'results.json');
    const code = await jest([...args, ...workers(args), '--json', `--outputFile=${resultsFile}`], resultsFile);
    if (existsSync(resultsFile) || code !== 0) console.log(totals(resultsFile));
    return code;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The suites wait for processes more than they compute, but two already keep two cores busy. */
function workers(args) {
  const isChosen = args.some((arg) => /^(-w|-i|--maxWorkers|--runInBand)/.test(arg));
  return isChosen ? [] : [`--maxWorkers=${Math.min(8, Math.max(2, Math.floor(availableParallelism() / 2)))}`];
}

/** Resolves to jest's exit code, or 1 when something that a test left open keeps it from ending. */
function jest(args, resultsFile) {
  const { NODE_ENV: _, ...env } = process.env;
  const script = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
  const child = spawn(process.execPath, ['--experimental-vm-modules', '--no-warnings', script, ...args], {
    cwd: root,
    env,
    stdio: 'inherit',
  });
  // A Ctrl-C reaches jest as well, which stops its servers; we wait for it.
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));

  let isStuck = false;
  const kill = () => {
    isStuck = true;
    child.kill('SIGKILL');
  };
  let killer;
  const watch = setInterval(() => {
    if (killer === undefined && existsSync(resultsFile)) killer = setTimeout(kill, exitGraceMs);
  }, 500);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      clearInterval(watch);
      clearTimeout(killer);
      if (isStuck)
        console.error('A test left something open and kept jest from ending; --detectOpenHandles says what.');
      resolve(isStuck ? 1 : (code ?? 1));
    });
  });
}

/** `N passed, N failed[, N skipped]`; a suite that could not run counts as a failed test. */
function totals(resultsFile) {
  if (!existsSync(resultsFile)) return '0 passed, 1 failed';
  const results = JSON.parse(readFileSync(resultsFile, 'utf8'));
  const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
  const skipped = results.numPendingTests + results.numTodoTests;
  return `${results.numPassedTests} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
