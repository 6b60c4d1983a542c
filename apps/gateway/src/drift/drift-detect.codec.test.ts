import { describe, expect, test } from '@jest/globals';
import { AtlantisDetection, type DetectedTarget, Detection } from '@terramesh/contracts';
import { decodeDetectRequest, detectionHttpStatus, encodeDetection } from './drift-detect.codec.js';

const valid = { repository: 'acme/infra', ref: 'main', type: 'Github' };
const decode = (body: unknown) =>
  decodeDetectRequest(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)));

describe('what is accepted', () => {
  test.each<[object | string, object]>([
    [valid, { projects: [], paths: [] }],
    [{ Repository: 'acme/infra', REF: 'main', tYpE: 'gitHUB' }, { type: 'Github' }],
    [
      { ...valid, projects: null, paths: [] },
      { projects: [], paths: [] },
    ],
    [{ ...valid, projects: ['vpc'], base_branch: 'x', include_plan_output: true }, { projects: ['vpc'] }],
    [{ ...valid, paths: [{ Directory: 'a' }] }, { paths: [{ directory: 'a', workspace: '' }] }],
    [{ ...valid, paths: [{ workspace: 'prod' }] }, { paths: [{ directory: '', workspace: 'prod' }] }],
    [
      { ...valid, type: 'gitlab', repository: 'a/b/c' },
      { type: 'Gitlab', repository: 'a/b/c' },
    ],
  ])('%j', (body, expected) => {
    expect(decode(body)).toMatchObject(expected);
  });
});

describe('what is refused, first things first', () => {
  test.each<[unknown, string]>([
    ['', 'unexpected end of JSON input'],
    ['null', 'repository is required; ref is required; type is required'],
    [{ ref: 'main', projects: 5 }, 'failed to parse request: projects'],
    [{ ...valid, ref: '' }, 'ref is required'],
    [{ ...valid, projects: [''] }, 'must not be empty'],
    [{ ...valid, paths: [null] }, 'at least one of directory or workspace'],
    [{ ...valid, ref: 'a..b', type: 'svn' }, 'ref'],
    [{ ...valid, paths: Array.from({ length: 1001 }, () => ({ directory: 'a' })) }, 'paths'],
  ])('%j', (body, message) => {
    expect(() => decode(body)).toThrow(
      expect.objectContaining({ code: 'INVALID', message: expect.stringContaining(message) }),
    );
  });
});

describe('a detection', () => {
  const detection = Detection.parse({
    id: '550e8400-e29b-41d4-a716-446655440000',
    type: 'Github',
    hostname: 'github.com',
    repository: 'acme/infra',
    ref: 'main',
    status: 'running',
    scope: 'every_target',
    scheduleId: null,
    followUp: 'nothing',
    user: '',
    runId: null,
    commit: null,
    startedAt: '2025-01-21T10:30:00.123Z',
    completedAt: null,
    totalTargets: 0,
    driftedTargets: 0,
    failedTargets: 0,
    error: null,
  });
  const encode = async (part: Partial<Detection>, targets: DetectedTarget[] = []) => {
    const pieces: string[] = [];
    const listed = (async function* () {
      yield* targets;
    })();
    for await (const piece of encodeDetection({ ...detection, ...part }, listed)) pieces.push(piece);
    const body = JSON.parse(pieces.join(''));
    expect(AtlantisDetection.parse(body)).toEqual(body);
    return body;
  };

  test('has nothing in it that is not known yet', async () => {
    expect(await encode({})).toEqual({
      id: detection.id,
      repository: 'acme/infra',
      ref: 'main',
      status: 'running',
      started_at: '2025-01-21T10:30:00Z',
      total_projects: 0,
      projects_with_drift: 0,
      failure_count: 0,
      projects: [],
    });
  });

  test('says of each project what drifted, or why nobody knows', async () => {
    const counts = {
      toAdd: 0,
      toChange: 1,
      toDestroy: 0,
      toImport: 0,
      changesOutside: true,
      summary: '<é>',
      hasDrift: true,
    };
    const target = { directory: 'a', terraformWorkspace: 'default', name: 'é' };
    const checkedAt = '2025-01-21T10:31:00.000Z';
    const body = await encode({ status: 'partial', completedAt: checkedAt, error: null }, [
      { target, counts, error: null, checkedAt },
      { target: { ...target, name: 'b' }, counts: null, error: 'away', checkedAt },
    ]);
    expect(body.projects).toMatchObject([
      { project_name: 'é', has_drift: true, drift: { ToChange: 1, ChangesOutside: true, Summary: '<é>' } },
      { project_name: 'b', has_drift: false, error: 'away' },
    ]);
    expect(body.projects[1]).not.toHaveProperty('drift');
  });

  test.each([
    ['success', 200],
    ['partial', 200],
    ['failed', 500],
  ] as const)('%s is %i', (status, httpStatus) => {
    expect(detectionHttpStatus({ ...detection, status })).toBe(httpStatus);
  });
});
