// What wrong requests of drift get, and what all of them get while drift is off.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { apiSecret } from './src/system.js';
import { startWorld, type World } from './src/world.js';

describe('bad input', () => {
  let world: World;

  beforeAll(async () => {
    const settings = { TERRAMESH_DRIFT_DETECTION: 'true', TERRAMESH_REPO_ALLOWLIST: '*,!*/acme/secret' };
    world = await startWorld({ mesh: 'inproc', settings });
  });
  afterAll(() => world?.stop());

  test.each<[object | string, number, string]>([
    ['', 400, 'failed to parse request: unexpected end of JSON input'],
    ['[]', 400, 'expected an object'],
    [{}, 400, 'repository is required; ref is required; type is required'],
    [{ repository: 'a/b', ref: 'main', type: 'svn' }, 400, '"svn" is not a valid type'],
    [{ repository: 'a/b', ref: 'main', type: 'Gitea', projects: 'x' }, 400, 'failed to parse request: projects'],
    [{ repository: 'a', ref: 'main', type: 'Github' }, 400, 'owner/name'],
    [{ repository: 'a/b', ref: '-x', type: 'Github' }, 400, 'ref'],
    [{ repository: 'a/b', ref: 'main', type: 'Github', projects: ['x'], paths: [{ directory: '.' }] }, 400, 'both'],
    [{ repository: 'a/b', ref: 'main', type: 'Github', paths: [{}] }, 400, 'at least one of directory'],
    [{ repository: 'a/b', ref: 'main', type: 'Github', paths: [{ workspace: '-x' }] }, 400, 'invalid workspace'],
    [{ repository: 'acme/secret', ref: 'main', type: 'Github' }, 403, 'repo not allowlisted'],
  ])('%j is %i', async (body, httpStatus, message) => {
    const answer = await world.http('POST', '/api/drift/detect', { body });
    expect([answer.status, answer.json<{ error: string }>().error]).toEqual([
      httpStatus,
      expect.stringContaining(message),
    ]);
  });

  test.each([
    ['status', 400, 'repository parameter is required'],
    ['status?repository=', 400, 'repository parameter is required'],
    ['status?repository=a/b&repository=c/d', 400, 'repository'],
    ['detections?limit=0', 400, 'limit'],
    ['detections?after=x', 400, 'after'],
    ['detections/nope', 400, 'id'],
    ['detections/11111111-1111-4111-8111-111111111111', 404, 'there is no detection'],
  ])('GET %s is %i', async (path, httpStatus, message) => {
    const answer = await world.http('GET', `/api/drift/${path}`);
    expect([answer.status, answer.json<{ error: string }>().error]).toEqual([
      httpStatus,
      expect.stringContaining(message),
    ]);
  });

  test('the token is asked for before anything else', async () => {
    const headers = { 'X-Atlantis-Token': 'wrong' };
    expect((await world.http('POST', '/api/drift/detect', { body: '{', headers })).status).toBe(401);
  });
});

describe('while drift is off', () => {
  let world: World;

  beforeAll(async () => {
    world = await startWorld({ mesh: 'inproc', settings: { TERRAMESH_REQUIRE_TOKEN_FOR_READS: 'true' } });
  });
  afterAll(() => world?.stop());

  test.each([
    ['GET', '/api/drift/status'],
    ['GET', '/api/drift/detections'],
    ['GET', '/api/drift/detections/nope'],
    ['POST', '/api/drift/detect'],
  ])('%s %s asks for the token, then says so, before it looks at anything', async (method, path) => {
    const refused = await world.http(method, path, { headers: { 'X-Atlantis-Token': `${apiSecret}x` } });
    expect(refused.status).toBe(401);
    const answer = await world.http(method, path, method === 'POST' ? { body: '{' } : {});
    expect([answer.status, answer.text]).toEqual([503, '{"error":"drift detection is not enabled"}\n']);
  });
});
