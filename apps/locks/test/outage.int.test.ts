import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { isAppError, locks } from '@terramesh/contracts';
import { startTestPostgres, type TestPostgres, until } from '@terramesh/testing';
import { keyOf, type RunningLocks, run, startLocks } from './running-locks.js';

let postgres: TestPostgres;
let running: RunningLocks;
beforeAll(async () => {
  postgres = await startTestPostgres();
  running = await startLocks({ url: postgres.url, drop: async () => {} });
  await running.addReplica();
});
afterAll(async () => {
  await running.stop();
  await postgres.stop();
});

test('locks outlive a crash of Postgres; while it is away every call says UNAVAILABLE', async () => {
  const acquire = (runId: string, timeoutMs: number) =>
    running.mesh.call(locks.acquire, { holder: run(runId), keys: [keyOf('.')] }, { timeoutMs });
  const before = await acquire('a', 10_000);
  await acquire('b', 10_000);
  await postgres.kill();
  const refused = await acquire('c', 500).catch((error: unknown) => error);
  expect(isAppError(refused) && refused.retryable).toBe(true);
  await postgres.restart();
  await until(
    () =>
      acquire('a', 1_000).then(
        () => true,
        () => false,
      ),
    { describe: 'the service after the crash' },
  );
  expect(await acquire('a', 10_000)).toEqual(before);
  expect((await acquire('b', 10_000)).decisions).toMatchObject([{ decision: 'waiting', behind: run('a') }]);
});
