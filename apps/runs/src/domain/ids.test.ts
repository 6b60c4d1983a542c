import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { ExecutionId, RunId } from '@terramesh/contracts';
import { idRandomBytes, newExecutionId, newRunId } from './ids.js';

describe('ids', () => {
  it('are accepted by the contract', () => {
    expect(RunId.safeParse(newRunId(randomBytes(idRandomBytes))).success).toBe(true);
    expect(ExecutionId.safeParse(newExecutionId(randomBytes(idRandomBytes))).success).toBe(true);
  });

  it('favor no character: every one stands for the same number of byte values', () => {
    const counts = new Map<string, number>();
    for (let byte = 0; byte < 256; byte++) {
      const id = newRunId(new Uint8Array([byte, ...new Array(16).fill(0)]));
      const character = id.charAt(4);
      counts.set(character, (counts.get(character) ?? 0) + 1);
    }
    expect(counts.size).toBe(58);
    // The 24 byte values that are passed over show the zero byte behind them.
    expect([...counts].filter(([character]) => character !== '1').every(([, count]) => count === 4)).toBe(true);
    expect(counts.get('1')).toBe(4 + 24);
  });

  it('are refused when the random bytes do not suffice', () => {
    expect(() => newRunId(new Uint8Array(15))).toThrow(RangeError);
    expect(() => newRunId(new Uint8Array(64).fill(255))).toThrow(RangeError);
  });
});
