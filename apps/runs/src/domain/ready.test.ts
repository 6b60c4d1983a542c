import { describe, expect, it } from '@jest/globals';
import { ExecutionId, type ExecutionState } from '@terramesh/contracts';
import { nextBlocked, type OrderedExecution } from './ready.js';

function execution(
  name: string,
  state: ExecutionState,
  order: { group?: number; dependsOn?: string[] } = {},
): OrderedExecution {
  return {
    id: ExecutionId.parse(`exe-${name.padEnd(16, '1')}`),
    target: { directory: name, terraformWorkspace: 'default', name },
    state,
    executionOrderGroup: order.group ?? 0,
    dependsOn: order.dependsOn ?? [],
  };
}

function applyOf(subject: OrderedExecution, ...others: OrderedExecution[]) {
  return nextBlocked({ kind: 'apply', execution: subject, siblings: [...others, subject] });
}

describe('an apply', () => {
  it('starts beside others of its group', () => {
    expect(applyOf(execution('a', 'queued'), execution('b', 'applying'))).toEqual({ may: 'start' });
  });

  it('waits for every lower group to end, and says for whom', () => {
    const running = ['c', 'd', 'e', 'f'].map((name) => execution(name, 'applying'));
    expect(applyOf(execution('a', 'queued', { group: 1 }), ...running)).toEqual({
      may: 'wait',
      for: 'lower execution order groups: c, d, e and 1 more',
    });
  });

  it('starts after a lower group that failed: groups order, they do not require', () => {
    expect(applyOf(execution('a', 'queued', { group: 1 }), execution('b', 'apply_failed'))).toEqual({ may: 'start' });
  });

  it('does not wait for a higher group', () => {
    expect(applyOf(execution('a', 'queued'), execution('b', 'queued', { group: 5 }))).toEqual({ may: 'start' });
  });

  it('waits for its dependencies', () => {
    expect(applyOf(execution('a', 'queued', { dependsOn: ['b'] }), execution('b', 'apply_queued'))).toEqual({
      may: 'wait',
      for: 'its dependencies: b',
    });
  });

  it.each(['applied', 'no_changes'] as const)('starts when its dependency is %s', (state) => {
    expect(applyOf(execution('a', 'queued', { dependsOn: ['b'] }), execution('b', state))).toEqual({ may: 'start' });
  });

  it.each(['plan_failed', 'apply_failed', 'outcome_unknown', 'canceled'] as const)(
    'fails when its dependency is %s, without waiting for the rest',
    (state) => {
      const subject = execution('a', 'queued', { dependsOn: ['b', 'c'], group: 1 });
      expect(applyOf(subject, execution('b', state), execution('c', 'applying'))).toEqual({
        may: 'fail',
        failure: "Can't apply your project unless you apply its dependencies: [b]",
      });
    },
  );

  it('fails when its dependency is of a later group, where both would wait for ever', () => {
    const subject = execution('a', 'queued', { dependsOn: ['b'] });
    expect(applyOf(subject, execution('b', 'queued', { group: 1 }))).toMatchObject({ may: 'fail' });
  });

  it('does not mind a dependency that is not part of the run', () => {
    expect(applyOf(execution('a', 'queued', { dependsOn: ['elsewhere'] }))).toEqual({ may: 'start' });
  });
});

describe('a plan', () => {
  it('waits for nothing', () => {
    const subject = execution('a', 'queued', { group: 3, dependsOn: ['b'] });
    expect(nextBlocked({ kind: 'plan', execution: subject, siblings: [execution('b', 'plan_failed')] })).toEqual({
      may: 'start',
    });
  });
});
