// A failure campaign against the real thing. `pnpm chaos`.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findBroken } from './checks.mjs';
import { DriftLoad } from './drift-load.mjs';
import { collectFacts } from './facts.mjs';
import { Faults } from './faults.mjs';
import { asker, Load } from './load.mjs';
import { Random } from './random.mjs';
import { openRecords } from './records.mjs';
import { printReport } from './report.mjs';
import { createRepository, targets } from './repository.mjs';
import { freeUnknown, leftovers, needlessLocks, untilQuiet } from './settle.mjs';
import { startSystem } from './system.mjs';
import { measureTakeovers } from './undisturbed-takeovers.mjs';

const clients = 6;
const driftClients = 2;
const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '30' },
    minutes: { type: 'string', default: '5' },
    /** Only this: how long until the plan of a dead worker is started elsewhere, nothing else going on. */
    takeover: { type: 'boolean', default: false },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 32)) },
  },
});
const [kills, minutes, seed] = [values.kills, values.minutes, values.seed].map(Number);
if (![kills, minutes, seed].every((one) => Number.isFinite(one) && one >= 0) || kills < 1 || minutes <= 0) {
  console.error('pnpm chaos [--kills 30] [--minutes 5] [--seed S], or pnpm chaos --takeover');
  process.exit(2);
}

const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stopping.abort());
process.exitCode = await inFolder(values.takeover ? takeovers : campaign);

/** @returns the exit code */
async function inFolder(work) {
  const root = await mkdtemp(join(tmpdir(), 'terramesh-chaos-'));
  const undo = [];
  let keep = true;
  try {
    keep = (await work(root, undo)) === 'keep';
    return keep ? 1 : 0;
  } catch (error) {
    console.error(error);
    return 1;
  } finally {
    while (undo.length > 0)
      await undo
        .pop()()
        .catch((error) => console.error(`not cleaned up: ${error.message}`));
    if (keep) console.log(`\nSeed ${seed}. Logs, data and database are kept in ${root}`);
    else await rm(root, { recursive: true, force: true });
  }
}

/** @returns whether the folder is to be kept */
async function campaign(root, undo) {
  const random = new Random(seed);
  await mkdir(join(root, 'states'));
  const repository = await createRepository({ root, random: random.fork() });
  undo.push(() => repository.remove());
  const system = await startSystem({ root, githubUrl: repository.url });
  undo.push(() => system.stop());
  system.http = asker(system.url, system.token);
  await system.allReady();
  const records = openRecords(system.databaseUrl);
  undo.push(() => records.close());
  await records.keepHistory();
  const broken = await attack({ root, system, records, repository, random });
  return broken === undefined || broken.length > 0 ? 'keep' : 'remove';
}

async function takeovers(root, undo) {
  await measureTakeovers({ root, undo, signal: stopping.signal });
  return 'remove';
}

/** @returns what was found broken; undefined when somebody stopped the campaign */
async function attack({ root, system, records, repository, random }) {
  const startedAt = performance.now();
  const say = (text) => console.log(`${((performance.now() - startedAt) / 1000).toFixed(1).padStart(7)} s  ${text}`);
  say(`seed ${seed}: ${kills} faults in at most ${minutes} minutes, ${clients} clients`);
  const load = new Load({ system, repository });
  const faults = new Faults({ system, records, random: random.fork() });
  const driftLoad = new DriftLoad({ system, repository });
  await driftLoad.schedule();
  const working = Promise.all([
    ...Array.from({ length: clients }, () => load.client(random.fork())),
    ...Array.from({ length: driftClients }, () => driftLoad.client(random.fork())),
  ]);
  working.catch(() => stopping.abort());
  const onFault = ({ kind, target }) => say(kind.includes(target.split('-')[0]) ? `${kind} (${target})` : kind);
  await faults.inflict({ count: kills, minutes, signal: stopping.signal, onFault });
  load.stop();
  driftLoad.stop();
  await system.allReady();
  await driftLoad.pauseSchedules();
  say('no more faults: the clients get their last answers');
  await working;
  const last = targets[0];
  await repository.change([last], 'pass');
  await faults.loseAnApply({ ask: () => load.ask('apply', [last]), onFault });
  await system.allReady();
  if (stopping.signal.aborted) return undefined;

  say('everything comes to rest');
  const unsettled = await untilQuiet(records);
  say('locks: only those of unknown outcomes may be left');
  const needless = await needlessLocks(system, records);
  say('unknown outcomes are planned afresh, then everything is applied once more');
  const freed = await freeUnknown({ system, records, repository, load });
  say('drift is found once more, and put right');
  const driftProof = await driftLoad.prove();
  const unsettledDrift = await untilQuiet(records);
  say('nothing may be left behind');
  const left = await leftovers(system, root);
  const settled = {
    unsettled: [...unsettled, ...freed.unsettled, ...unsettledDrift],
    needlessLocks: needless,
    locksLeft: freed.left,
    leftovers: left,
    lastKey: freed.last.key,
    driftProof,
  };
  say('every promise is checked');
  const facts = await collectFacts({ system, records, repository, load, driftLoad, settled });
  const broken = findBroken(facts);
  const evidence = { seed, faults: faults.done, broken, ...facts, commits: Object.fromEntries(facts.commits) };
  await writeFile(join(root, 'facts.json'), JSON.stringify(evidence, null, 1));
  const seconds = (performance.now() - startedAt) / 1000;
  printReport({ faults: faults.done, facts, broken, system, seconds, freed });
  if (broken.length > 0) console.log(`\n${broken.map(({ figure, text }) => `${figure}: ${text}`).join('\n')}`);
  return broken;
}
