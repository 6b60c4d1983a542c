// After a call: no lock, no run in progress, no checkout, no process.
import { expect } from '@jest/globals';
import { until } from '@terramesh/testing';
import { foldersLeftIn, processesBelow } from './left-behind.js';
import type { System } from './system.js';

/** No lock and no run in progress. */
export async function expectNothingHeld(system: System): Promise<void> {
  expect(await whatIsHeld(system)).toEqual([]);
}

/** Rejects when something is still there in time: cleaning up may end after the answer. */
export async function expectNothingLeft(system: System): Promise<void> {
  await until(
    async () => {
      const found = await whatIsLeft(system);
      if (found.length > 0) throw new Error(found.join('\n'));
      return true;
    },
    { timeoutMs: 45_000, describe: 'nothing is left' },
  );
}

async function whatIsHeld(system: System): Promise<string[]> {
  const found: string[] = [];
  const locks = (await system.http('GET', '/api/locks')).text;
  if (locks !== '{"Locks":[]}\n') found.push(locks);
  const status = await system.http('GET', '/status');
  if (status.json<{ in_progress_operations: number }>().in_progress_operations !== 0) found.push(status.text);
  return found;
}

async function whatIsLeft(system: System): Promise<string[]> {
  const found = await whatIsHeld(system);
  for (const dataDir of system.dataDirs) {
    found.push(...(await foldersLeftIn([dataDir])));
    found.push(...(await processesBelow(dataDir)).map(({ command }) => command));
  }
  return found;
}
