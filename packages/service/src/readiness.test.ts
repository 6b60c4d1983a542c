import { expect, test } from '@jest/globals';
import { AppError } from '@terramesh/contracts';
import { createLogger } from './logger.js';
import { Readiness } from './readiness.js';

const readiness = () => new Readiness(createLogger({ level: 'silent' }));

test('ready when every check passes, and when there is none', async () => {
  const registry = readiness();
  expect(await registry.report()).toEqual({ status: 'ok' });
  registry.add('database', async () => {});
  expect(await registry.report()).toEqual({ status: 'ok' });
});

test('the report names what is not ready; only messages meant for others are shown', async () => {
  const registry = readiness();
  registry.add('mesh', () => Promise.reject(new AppError('UNAVAILABLE', 'no connection')));
  registry.add('database', () => Promise.reject(new Error('password authentication failed for app')));
  registry.add('disk', async () => {});
  expect(await registry.report()).toEqual({ status: 'error', error: 'mesh: no connection; database is not ready' });
});

test('a check that throws at once counts as not ready', async () => {
  const registry = readiness();
  registry.add('database', () => {
    throw new AppError('UNAVAILABLE', 'closed');
  });
  expect(await registry.report()).toEqual({ status: 'error', error: 'database: closed' });
});

test('a check that does not answer is not waited for', async () => {
  const registry = readiness();
  registry.add('database', () => new Promise(() => {}));
  expect(await registry.report()).toEqual({ status: 'error', error: 'database does not answer' });
});

test('callers at the same time share the checks; the next one asks again', async () => {
  const registry = readiness();
  let asked = 0;
  registry.add('database', async () => {
    asked += 1;
  });
  await Promise.all([registry.report(), registry.report()]);
  expect(asked).toBe(1);
  await registry.report();
  expect(asked).toBe(2);
});

test('a process that stops is not ready', async () => {
  const registry = readiness();
  registry.stopping();
  expect(await registry.report()).toEqual({ status: 'error', error: 'shutting down' });
});
