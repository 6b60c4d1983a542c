import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { Execution, type ResultPart, type Run, Run as RunSchema } from '@terramesh/contracts';
import { earlyEndOf, encodeProjectResult, encodeRunResult, runHttpStatus } from './run-result.codec.js';
import type { ExecutionTexts } from './run-texts.js';

const style = { publicUrl: 'https://terramesh.example.com', executableName: 'atlantis' };
const at = '2025-01-21T10:30:00Z';

function execution(part: Partial<Record<keyof Execution, unknown>> = {}): Execution {
  return Execution.parse({
    id: `exe-${'A'.repeat(16)}`,
    target: { directory: '.', terraformWorkspace: 'default', name: '' },
    executionOrderGroup: 0,
    dependsOn: [],
    state: 'planned',
    waitingFor: null,
    cancelRequestedAt: null,
    plan: null,
    problem: null,
    epoch: 1,
    startedAt: at,
    finishedAt: at,
    ...part,
  });
}

function run(part: Partial<Record<keyof Run, unknown>> = {}): Run {
  return RunSchema.parse({
    id: `run-${'B'.repeat(16)}`,
    kind: 'plan',
    origin: 'user',
    status: 'finished',
    outcome: 'success',
    type: 'Github',
    hostname: 'github.com',
    repository: 'acme/infra',
    ref: 'main',
    pull: null,
    commit: null,
    error: null,
    createdAt: at,
    startedAt: at,
    finishedAt: at,
    cancelRequestedAt: null,
    executions: [execution()],
    leftOut: [],
    ...part,
  });
}

function texts(part: Partial<Record<ResultPart, string>> = {}): ExecutionTexts {
  return { plan_output: '', apply_output: '', error: '', failure: '', ...part };
}

async function encode(of: Run, written: ExecutionTexts): Promise<string> {
  const pieces: string[] = [];
  for await (const piece of encodeRunResult(of, async () => written, style)) pieces.push(piece);
  return pieces.join('');
}

function golden(name: string): string {
  const text = readFileSync(new URL(`./golden/${name}.json`, import.meta.url), 'utf8');
  return `${JSON.stringify(JSON.parse(text))}\n`;
}

describe('golden files', () => {
  test('a plan that succeeds', async () => {
    const body = await encode(
      run(),
      texts({ plan_output: 'No changes. Your infrastructure matches the configuration.' }),
    );
    expect(body).toBe(golden('plan-success'));
  });

  test('a plan that fails', async () => {
    const target = { directory: 'modules/vpc', terraformWorkspace: 'production', name: 'vpc' };
    const failed = run({ outcome: 'failed', executions: [execution({ target, state: 'plan_failed' })] });
    const written = texts({ error: 'terraform plan failed: resource not found', failure: 'plan execution error' });
    expect(await encode(failed, written)).toBe(golden('plan-error'));
    expect(runHttpStatus(failed)).toBe(500);
  });

  test('an apply that succeeds', async () => {
    const applied = run({ kind: 'apply', executions: [execution({ state: 'applied' })] });
    const written = texts({
      plan_output: 'a plan',
      apply_output: 'Apply complete! Resources: 1 added, 0 changed, 0 destroyed.',
    });
    expect(await encode(applied, written)).toBe(golden('apply-success'));
    expect(runHttpStatus(applied)).toBe(200);
  });
});

describe('apply', () => {
  const apply = (part: object) => run({ kind: 'apply', ...part });

  test('no changes is a success that shows the plan', () => {
    const unchanged = execution({ state: 'no_changes' });
    const result = encodeProjectResult(apply({}), unchanged, texts({ plan_output: 'No changes.' }), style);
    expect(result).toMatchObject({
      Command: 0,
      Error: null,
      Failure: '',
      PlanSuccess: null,
      ApplySuccess: 'No changes.',
    });
  });

  test.each(['no_changes', 'applied'])('%s without any output is still a success with a text', (state) => {
    const quiet = apply({ executions: [execution({ state })] });
    expect(runHttpStatus(quiet)).toBe(200);
    expect(encodeProjectResult(quiet, execution({ state }), texts(), style).ApplySuccess).not.toBe('');
  });

  test('a plan that was never applied is not a success', () => {
    const result = encodeProjectResult(apply({}), execution({ state: 'planned' }), texts(), style);
    expect(result).toMatchObject({ ApplySuccess: '', Error: expect.stringContaining('planned') });
    expect(runHttpStatus(apply({ executions: [execution({ state: 'planned' })] }))).toBe(500);
  });

  test('a failed plan is reported as failed', () => {
    const result = encodeProjectResult(apply({}), execution({ state: 'plan_failed' }), texts({ error: 'no' }), style);
    expect(result).toMatchObject({ Command: 0, Error: 'no', Failure: '', ApplySuccess: '' });
  });

  test('an unknown outcome is an error that says so, with the run and what to do', () => {
    const lost = execution({ state: 'outcome_unknown' });
    const result = encodeProjectResult(apply({}), lost, texts({ apply_output: 'Apply comp' }), style);
    expect(result.ApplySuccess).toBe('');
    expect(result.Error).toContain('outcome of this apply is unknown');
    expect(result.Error).toContain(`run-${'B'.repeat(16)}`);
    expect(result.Error).toContain('Plan this project again (-d .)');
    expect(runHttpStatus(apply({ executions: [lost] }))).toBe(500);
  });
});

describe('what did not succeed', () => {
  test.each(['queued', 'leased', 'preparing', 'planning', 'apply_queued', 'apply_intent', 'applying', 'applied'])(
    'a plan that ended as %s is never a success',
    (state) => {
      const result = encodeProjectResult(run(), execution({ state }), texts({ plan_output: 'x' }), style);
      expect(result.PlanSuccess).toBeNull();
      expect(result.Error).not.toBeNull();
      expect(runHttpStatus(run({ executions: [execution({ state })] }))).toBe(500);
    },
  );

  test('a canceled execution says that it was canceled', () => {
    const result = encodeProjectResult(run(), execution({ state: 'canceled' }), texts(), style);
    expect(result).toMatchObject({ Error: null, Failure: expect.stringContaining('canceled'), PlanSuccess: null });
  });

  test('a failure without a text shows the short problem', () => {
    const result = encodeProjectResult(run(), execution({ state: 'plan_failed', problem: 'exit 1' }), texts(), style);
    expect(result).toMatchObject({ Error: 'exit 1', Failure: '' });
  });

  test('a run that failed is 500 even when every target looks well', () => {
    expect(runHttpStatus(run({ outcome: 'partial' }))).toBe(500);
  });
});

describe('a run that ended before its targets were known', () => {
  const ended = (part: object) => earlyEndOf(run({ outcome: 'failed', executions: [], ...part }));

  test.each([
    ['FORBIDDEN', 403],
    ['NOT_FOUND', 404],
    ['UNAVAILABLE', 503],
    ['SOMETHING_NEW', 500],
  ])('%s → %i', (code, httpStatus) => {
    expect(ended({ error: { code, message: 'why' } })).toEqual({ httpStatus, message: 'why' });
  });

  test('canceled or failed without a reason is never an empty success', () => {
    expect(ended({ outcome: 'canceled' })).toMatchObject({ httpStatus: 409 });
    expect(ended({})).toMatchObject({ httpStatus: 500 });
  });

  test('no targets at all is a success with an empty list', async () => {
    const empty = run({ executions: [] });
    expect(earlyEndOf(empty)).toBeUndefined();
    expect(await encode(empty, texts())).toBe('{"Error":null,"Failure":"","ProjectResults":[],"PlansDeleted":false}\n');
  });
});

test("output is escaped as Go's encoder does", async () => {
  const body = await encode(run(), texts({ plan_output: '<a> & b \u2028' }));
  expect(body).toContain('"TerraformOutput":"\\u003ca\\u003e \\u0026 b \\u2028"');
});
