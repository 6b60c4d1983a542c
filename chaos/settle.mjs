// After the faults: waits, with a bound, until nothing goes on any more, and does what a person does about unknown ends.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { processesOf } from './proc.mjs';
import { driftTargets, targets } from './repository.mjs';

const quietMs = 180_000;
/** Longer than the time for which apps/locks leaves young claims alone, and the intervals of the sweeps. */
const locksMs = 150_000;
const leftoversMs = 120_000;

/** Resolves to what still goes on when the time is over; nothing, if all is well. */
export async function untilQuiet(records) {
  return untilNothing(quietMs, async () => {
    const unsettled = Object.entries(await records.unsettled()).filter(([, count]) => count > 0);
    return unsettled.map(([what, count]) => `${count} ${what}`);
  });
}

/** Locks that nobody needs: held or waited for by anything but an execution whose outcome is unknown. */
export async function needlessLocks(system, records) {
  return untilNothing(locksMs, async () => {
    const kept = (await records.executions()).filter(({ lockState }) => lockState !== 'none');
    const mayHold = new Set(kept.map(({ runId, directory }) => `${runId} ${directory}`));
    const claims = await records.claims();
    const needless = claims.filter(({ runId, name }) => !mayHold.has(`${runId} ${directoryOf(name)}`));
    const listed = (await listLocks(system)).filter(({ Name }) => !claims.some(({ name }) => name === Name));
    return [
      ...needless.map(({ name, runId, guard }) => `${name} is claimed by ${runId} (${guard}), which does not need it`),
      ...unknownKeepersOnly(kept),
      ...listed.map(({ Name }) => `${Name} is listed and nobody claims it`),
    ];
  });
}

/** Plans afresh what ended without a known outcome, then applies everything once more; answers the locks left then. */
export async function freeUnknown({ system, records, repository, load }) {
  await repository.change(targets, 'pass');
  const kept = (await records.executions()).filter(({ lockState }) => lockState !== 'none');
  for (const target of new Set(kept.map(({ directory }) => directory))) await load.ask('plan', [target]);
  const unsettled = await untilQuiet(records);
  const left = await untilNothing(locksMs, async () => (await listLocks(system)).map(({ Name }) => Name));
  const last = await load.ask('apply', targets);
  return { planned: kept.length, left, last, unsettled: [...unsettled, ...(await untilQuiet(records))] };
}

/** Checkouts, folders of executions and processes that are still there when the time is over. */
export async function leftovers(system, root) {
  return untilNothing(leftoversMs, async () => {
    const found = [];
    for (const { kept, dataDir } of system.replicas) {
      const spares = await spareTrees(dataDir);
      for (const folder of ['checkouts/marks', 'checkouts/trees', 'executions'])
        for (const name of await readdir(join(dataDir, 'runs', folder)).catch(() => []))
          if (!spares.has(name)) found.push(`${kept.name}: ${folder}/${name}`);
    }
    const ours = new Set(system.pids());
    for (const { pid, command } of await processesOf(root))
      if (!ours.has(pid) && !/postgres/.test(command)) found.push(`process ${pid}: ${command}`);
    return found;
  });
}

/** Checkouts made ahead of time are to stay for a while. */
async function spareTrees(dataDir) {
  const folder = join(dataDir, 'runs', 'checkouts', 'spares');
  const marks = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.json'));
  const texts = await Promise.all(marks.map((name) => readFile(join(folder, name), 'utf8').catch(() => '{}')));
  return new Set(texts.map((text) => JSON.parse(text).tree));
}

/** A plan that took over an unknown outcome and did not succeed keeps the lock too. */
function unknownKeepersOnly(kept) {
  return kept
    .filter(({ state, inherited }) => state !== 'outcome_unknown' && !inherited)
    .map(({ id, directory, state, lockState }) => `${directory}: ${id} is ${state} and its lock is ${lockState}`);
}

async function listLocks(system) {
  const { status, text } = await system.http('GET', '/api/locks', { timeoutMs: 10_000 });
  if (status !== 200) throw new Error(`GET /api/locks: ${status} ${text}`);
  return JSON.parse(text).Locks;
}

/** `chaos/infra/target-1/default/` → `target-1` */
function directoryOf(lockName) {
  return [...targets, ...driftTargets].find((target) => lockName.split('/').includes(target));
}

async function untilNothing(timeoutMs, look) {
  let found = [];
  for (const giveUpAt = Date.now() + timeoutMs; Date.now() < giveUpAt; await delay(500)) {
    found = await look().catch((error) => [`could not look: ${error.message}`]);
    if (found.length === 0) return [];
  }
  return found;
}
