import { expect, test } from '@jest/globals';
import { AppError, AtlantisError } from '@terramesh/contracts';
import { read } from './stand-ins/read.js';
import { openWorld } from './stand-ins/world.js';

test('when the runs service stays away, a waiting caller gets 503 with the id of the run, which goes on', async () => {
  const world = await openWorld({ env: { TERRAMESH_MESH_PATIENCE: '0' } });
  const body = { Repository: 'owner/repo', Ref: 'main', Type: 'Github', Projects: ['vpc'] };
  const answer = world.post('/api/plan', body);
  await world.runs.until(() => [...world.runs.waiting.values()].some((count) => count > 0), 5_000);
  const [id = ''] = world.runs.runs.keys();
  world.runs.onWait = () => {
    throw new AppError('UNAVAILABLE', 'no responder');
  };
  world.runs.change(id, { status: 'running' });
  const response = await answer;
  expect(response.status).toBe(503);
  expect((await read(AtlantisError, response)).error).toContain(`/api/runs/${id}`);
  expect(response.headers.get('location')).toBe(`/api/runs/${id}`);
  expect(world.runs.get(id)).toMatchObject({ cancelRequestedAt: null });
  await world.stop();
});
