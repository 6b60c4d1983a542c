import { describe, expect, test } from '@jest/globals';
import type { DriftCounts, RemediatedTarget, Remediation } from '@terramesh/contracts';
import {
  decodeRemediateRequest,
  encodeRemediation,
  remediationHttpStatus,
  type TextedTarget,
} from './drift-remediate.codec.js';

const valid = { repository: 'owner/repo', ref: 'main', type: 'Github' };
const decode = (body: unknown) =>
  decodeRemediateRequest(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)));

describe('the request', () => {
  test("the documentation's samples", () => {
    expect(decode({ ...valid, action: 'plan', drift_only: true })).toEqual({
      ...valid,
      action: 'plan',
      projects: [],
      workspaces: [],
      selection: 'drifted',
      destroys: 'refuse',
    });
    expect(decode({ ...valid, action: 'apply', projects: ['vpc', 'ec2'], workspaces: ['production'] })).toMatchObject({
      action: 'apply',
      projects: ['vpc', 'ec2'],
      workspaces: ['production'],
      selection: 'all',
    });
  });

  test('keys and type match in any case, null is absent, unknown keys are ignored', () => {
    const body = { REPOSITORY: 'owner/repo', Ref: 'main', tYPE: 'gItHuB', Action: '', Projects: null, Unknown: {} };
    expect(decode(body)).toMatchObject({ ...valid, action: 'plan', projects: [] });
    expect(decode({ ...valid, Allow_Destroy: true })).toMatchObject({ destroys: 'allow' });
  });

  test.each([
    ['', /^failed to parse request: unexpected end of JSON input$/],
    ['[]', /^failed to parse request/],
    [{ ...valid, projects: [1] }, /^failed to parse request: projects/],
    [null, /^repository is required$/],
    [{ ref: 'main' }, /^repository is required$/],
    [{ repository: 'owner/repo', type: 'Svn', action: 'x' }, /^ref is required$/],
    [{ repository: 'owner/repo', ref: 'main' }, /^type is required$/],
    [{ ...valid, type: 'AzureDevops' }, /^type: "AzureDevops" is not a valid type, use Github, Gitlab, Gitea$/],
    [{ ...valid, action: 'destroy' }, /^action: "destroy" is not a valid action, use plan or apply$/],
    [{ ...valid, repository: 'https://github.com/owner/repo' }, /^repository: .*expected "owner\/name"$/],
    [{ ...valid, projects: [''] }, /^projects\[0\]: must not be empty$/],
  ])('%j is INVALID: %s', (body, message) => {
    expect(() => decode(body)).toThrow(
      expect.objectContaining({ code: 'INVALID', message: expect.stringMatching(message) }),
    );
  });
});

const remediation: Remediation = {
  id: '550e8400-e29b-41d4-a716-446655440000',
  type: 'Github',
  hostname: 'github.com',
  repository: 'owner/repo',
  ref: 'main',
  action: 'plan',
  status: 'success',
  origin: 'user',
  detectionId: null,
  runId: null,
  startedAt: '2025-01-21T10:30:00.123Z',
  completedAt: '2025-01-21T10:31:00.999Z',
  totalTargets: 1,
  successCount: 1,
  failureCount: 0,
  error: null,
};
const change: DriftCounts = {
  hasDrift: true,
  toAdd: 0,
  toChange: 1,
  toDestroy: 0,
  toImport: 0,
  changesOutside: false,
  summary: 'Plan: 0 to add, 1 to change, 0 to destroy.',
};
const calm: DriftCounts = { ...change, hasDrift: false, toChange: 0, summary: 'No changes.' };
const target = (part: Partial<RemediatedTarget>, texts: Partial<TextedTarget['texts']> = {}): TextedTarget => ({
  target: {
    ordinal: 0,
    directory: 'modules/vpc',
    terraformWorkspace: 'production',
    name: 'vpc',
    status: 'success',
    driftBefore: null,
    driftAfter: null,
    ...part,
  },
  texts: { plan_output: '', apply_output: '', error: '', ...texts },
});

async function encode(part: Partial<Remediation>, ...targets: TextedTarget[]): Promise<string> {
  const each = async function* () {
    yield* targets;
  };
  const pieces: string[] = [];
  for await (const piece of encodeRemediation({ ...remediation, ...part }, each())) pieces.push(piece);
  return pieces.join('');
}

const head =
  '{"id":"550e8400-e29b-41d4-a716-446655440000","repository":"owner/repo","ref":"main","action":"plan","status":"success","started_at":"2025-01-21T10:30:00Z","completed_at":"2025-01-21T10:31:00Z","total_projects":1,"success_count":1,"failure_count":0,"projects":[';

describe('the answer', () => {
  test('of a plan shows the zeros of drift', async () => {
    const body = await encode({}, target({ driftBefore: change, driftAfter: change }, { plan_output: 'a < b' }));
    const drift =
      '{"HasDrift":true,"ToAdd":0,"ToChange":1,"ToDestroy":0,"Summary":"Plan: 0 to add, 1 to change, 0 to destroy."}';
    expect(body).toBe(
      `${head}{"project_name":"vpc","path":"modules/vpc","workspace":"production","status":"success","plan_output":"a \\u003c b","drift_before":${drift},"drift_after":${drift}}]}\n`,
    );
  });

  const projectOf = async (part: Partial<Remediation>, one: TextedTarget) =>
    JSON.parse(await encode(part, one)).projects[0];

  test('of an apply leaves zeros out', async () => {
    const after = { ...calm, summary: 'Apply completed successfully' };
    const project = await projectOf({ action: 'apply' }, target({ driftBefore: change, driftAfter: after }));
    expect(project.drift_before).toEqual({ HasDrift: true, ToChange: 1, Summary: change.summary });
    expect(project.drift_after).toEqual({ HasDrift: false, Summary: 'Apply completed successfully' });
  });

  test('of a plan has no drift_after where there is and was none', async () => {
    expect(await projectOf({}, target({ driftBefore: calm, driftAfter: calm }))).toMatchObject({
      drift_before: { HasDrift: false, Summary: 'No changes.' },
    });
    expect(await projectOf({}, target({ driftBefore: calm, driftAfter: calm }))).not.toHaveProperty('drift_after');
    expect(await projectOf({}, target({ driftAfter: calm }))).not.toHaveProperty('drift_after');
    expect(await projectOf({}, target({ driftBefore: change, driftAfter: calm }))).toHaveProperty('drift_after');
  });

  test('while it goes on has no end; with nothing to do it has no projects', async () => {
    const running = JSON.parse(await encode({ status: 'running', completedAt: null }));
    expect(running).not.toHaveProperty('completed_at');
    expect(running).toMatchObject({ status: 'running', projects: [] });
  });

  test('says last why it failed as a whole', async () => {
    const body = JSON.parse(
      await encode({ status: 'failed', error: 'no such ref' }, target({ status: 'failed' }, { error: 'no such ref' })),
    );
    expect(Object.keys(body).at(-1)).toBe('error');
    expect(body.projects[0]).toMatchObject({ status: 'failed', error: 'no such ref' });
  });

  test.each([
    ['success', 200],
    ['partial', 200],
    ['failed', 500],
  ] as const)('%s is %d', (status, expected) => {
    expect(remediationHttpStatus({ ...remediation, status })).toBe(expected);
  });
});
