import { describe, expect, test } from '@jest/globals';
import { applyEnd } from './apply-end.js';

describe('the end of an apply', () => {
  test('is a success for exit code 0 alone, even after a cancel that came too late', () => {
    expect(applyEnd({ code: 0, endedBy: null })).toEqual({ state: 'applied' });
    expect(applyEnd({ code: 0, endedBy: 'cancel' })).toEqual({ state: 'applied' });
  });

  test.each([null, 129, 130, 137, 143])('is unknown when Terraform was killed: %p', (code) => {
    expect(applyEnd({ code, endedBy: 'timeout' })).toMatchObject({ state: 'outcome_unknown' });
  });

  test('is a failure that says why it was interrupted', () => {
    expect(applyEnd({ code: 1, endedBy: null })).toEqual({
      state: 'apply_failed',
      explanation: 'terraform apply failed: exit code 1',
    });
    expect(applyEnd({ code: 1, endedBy: 'cancel' })).toMatchObject({
      state: 'apply_failed',
      explanation: expect.stringContaining('was canceled'),
    });
  });
});
