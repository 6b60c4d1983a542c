import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openWorld, type World } from './stand-ins/world.js';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(async () => {
  await world.stop();
});
describe('smoke', () => {
  test('x', async () => {
    for (const p of [
      '/healthz',
      '/readyz',
      '/status',
      '/api/locks',
      '/nope',
      '/api/nope',
      '/api/v2/nope',
      '/api/plan',
      '/openapi.json',
      '/lock?id=x',
      '/api/runs',
      '/debug/pprof/',
    ]) {
      const r = await world.ask(p);
      console.log(p, r.status, JSON.stringify(Object.fromEntries(r.headers)), (await r.text()).slice(0, 300));
    }
    expect(1).toBe(1);
  });
});
