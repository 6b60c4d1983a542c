// Who may remediate, and what they are told before anybody looks at what they ask.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openWorld, type World } from './stand-ins/world.js';

let off: World;
let on: World;
let disabled: World;

beforeAll(async () => {
  off = await openWorld();
  on = await openWorld({ env: { TERRAMESH_DRIFT_DETECTION: 'true' } });
  disabled = await openWorld({ env: { TERRAMESH_DRIFT_DETECTION: 'true', TERRAMESH_API_SECRET: '' } });
});
afterAll(() => Promise.all([off, on, disabled].map((world) => world?.stop())));

const post = { method: 'POST', body: '{' };
const told = async (answer: Response) => [answer.status, await answer.json()];

test('the token comes first, then whether drift is on, then the body', async () => {
  const path = '/api/drift/remediate';
  expect((await disabled.fetch(path, post)).status).toBe(400);
  expect(await told(await disabled.fetch(path, post))).toEqual([
    400,
    { error: 'ignoring request since API is disabled' },
  ]);
  expect((await off.fetch(path, post)).status).toBe(401);
  expect(await told(await off.ask(path, post))).toEqual([503, { error: 'drift remediation is not enabled' }]);
  expect((await on.fetch(path, post)).status).toBe(401);
  expect(await told(await on.ask(path, post))).toEqual([
    400,
    { error: expect.stringMatching(/^failed to parse request/) },
  ]);
});

test.each([
  ['GET', '/api/drift/remediate?limit=x'],
  ['GET', '/api/drift/remediate/none'],
  ['GET', '/api/drift/breaker'],
  ['POST', '/api/drift/breaker/close'],
])('%s %s is off with drift', async (method, path) => {
  expect(await told(await off.ask(path, { method }))).toEqual([503, { error: 'drift remediation is not enabled' }]);
});

test('a service that is away is 503, and nobody is told that anything was done', async () => {
  const body = JSON.stringify({ repository: 'owner/repo', ref: 'main', type: 'Github' });
  expect((await on.ask('/api/drift/remediate', { method: 'POST', body })).status).toBe(503);
});
