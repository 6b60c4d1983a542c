// What terramesh adds to Terraform, in ratios. `pnpm bench`.
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createGitRemote } from '@terramesh/testing';
import { clone, planAll, planOne } from './by-hand.mjs';
import { measureDriftSchedules } from './drift-schedules.mjs';
import { measureLocks } from './locks.mjs';
import { treeMegabytes } from './memory.mjs';
import { measureProjectPages } from './projects.mjs';
import { measureReplicas } from './replicas.mjs';
import { startStandalone } from './standalone.mjs';
import { paired, quantile } from './statistics.mjs';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '15' },
    targets: { type: 'string', default: '100' },
    /** Only this: a run of its own, of several minutes. */
    drift: { type: 'boolean', default: false },
    /** Only the list of locks. */
    locks: { type: 'boolean', default: false },
    /** Only this: two `runs` replicas against one. */
    replicas: { type: 'boolean', default: false },
    schedules: { type: 'string', default: '200' },
    minutes: { type: 'string', default: '3' },
  },
});
const rounds = Number(values.rounds);
const targets = Number(values.targets);
const cores = availableParallelism();
if (values.drift) {
  const [schedules, minutes] = [Number(values.schedules), Number(values.minutes)];
  const rows = await measureDriftSchedules({ schedules, minutes });
  print(`${schedules} schedules of one minute, ${minutes} minutes`, rows);
  process.exit(0);
}
if (values.locks) {
  print('300 readings of each kind', await measureLocks());
  process.exit(0);
}
if (values.replicas) {
  const pairs = Math.max(1, Math.round(rounds / 5));
  print(`${pairs} pairs`, await measureReplicas({ targets, pairs }));
  process.exit(0);
}
const rootModule = (name, folder) => `
terraform {
  backend "local" {
    path = "${folder}/${name}.tfstate"
  }
}
resource "terraform_data" "one" {
  input = "${name}"
}
output "one" {
  value = terraform_data.one.output
}
`;

const folder = await mkdtemp(join(tmpdir(), 'terramesh-bench-'));
const names = Array.from({ length: targets }, (_, index) => `target-${String(index).padStart(3, '0')}`);
const files = Object.fromEntries(names.map((name) => [`${name}/main.tf`, rootModule(name, folder)]));
const remote = await createGitRemote({ repository: 'bench/infra', files });
const adminToken = 'bench-admin-token-0123456789abcdef0123';
const standalone = await startStandalone({
  githubUrl: remote.baseUrl,
  settings: { TERRAMESH_ADMIN_TOKEN: adminToken, TERRAMESH_RATE_LIMIT: '0' },
});
const rows = [];

try {
  const work = join(folder, 'clone');
  await clone(`${remote.baseUrl}/bench/infra.git`, work);
  const directories = names.map((name) => join(work, name));
  const plan = (paths) =>
    standalone.post('/api/plan', {
      Repository: 'bench/infra',
      Ref: 'main',
      Type: 'Github',
      Paths: paths.map((name) => ({ Directory: name })),
    });
  await plan(names);
  await planAll(directories, cores);

  const single = await paired(
    rounds,
    () => plan([names[0]]),
    () => planOne(directories[0]),
  );
  rows.push(['warm plan of one target ÷ by hand', ratio(single), '≤ 1.15']);

  const all = await paired(
    Math.max(3, Math.round(rounds / 3)),
    () => plan(names),
    () => planAll(directories, cores),
  );
  rows.push([`warm plan of ${targets} targets ÷ xargs -P ${cores}`, ratio(all), '≤ 1.10']);

  const waits = [];
  for (let round = 0; round < rounds * 2; round++) {
    const { location } = await plan([names[round % names.length]]);
    const { createdAt, executions } = await standalone.get(location);
    waits.push(Date.parse(executions[0].startedAt) - Date.parse(createdAt));
  }
  rows.push(['queue to start, p95', `${quantile(waits, 0.95).toFixed(0)} ms`, '< 250 ms']);

  const memory = treeMegabytes(standalone.pid);
  rows.push([
    'memory, idle after all that',
    memory === undefined ? 'unknown here' : `${memory.toFixed(0)} MB`,
    '< 250 MB',
  ]);
  rows.push(...(await measureProjectPages({ url: standalone.url, token: adminToken })));
} finally {
  await standalone.stop();
  await remote.remove();
  await rm(folder, { recursive: true, force: true });
}

rows.push(...(await measureLocks()));
print(`${rounds} rounds`, rows);

function print(measured, rows) {
  console.log(`\n${cores} processors, Node ${process.versions.node}, ${measured}\n`);
  console.log('| figure | measured | to reach |\n| --- | --- | --- |');
  for (const row of rows) console.log(`| ${row.join(' | ')} |`);
}

function ratio({ ratio: middle, ratioLow, ratioHigh, aMs, bMs }) {
  return `${middle.toFixed(2)} (${ratioLow.toFixed(2)} to ${ratioHigh.toFixed(2)}; ${aMs.toFixed(0)} ms and ${bMs.toFixed(0)} ms)`;
}
