import { expect, test } from '@jest/globals';
import { AppError } from '@terramesh/contracts';
import { decodeAnswer, decodeContext, encodeContext, encodeError, encodeOutput } from './wire.js';

const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

test('a context survives its headers; the deadline is counted on the clock of the receiver', () => {
  const headers = encodeContext({ requestId: 'req-1', traceparent, deadlineAt: 5 }, 250.7);
  expect(decodeContext(headers, 1_000)).toEqual({ requestId: 'req-1', traceparent, deadlineAt: 1_250 });
});

test('headers from elsewhere give a context too', () => {
  expect(decodeContext({}, 0)).toEqual({ requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) });
  const odd = { 'Terramesh-Request-Id': 'a b', 'Terramesh-Timeout-Ms': '-1', traceparent: 'x' };
  expect(decodeContext(odd, 0)).toEqual({ requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) });
});

test.each([null, 0, '', [], { a: 1 }])('the output %j survives', (output) => {
  expect(decodeAnswer('x.y', encodeOutput(output))).toEqual(output);
});

test('no output is null, as JSON has no undefined', () => {
  expect(decodeAnswer('x.y', encodeOutput(undefined))).toBeNull();
});

test('an error survives', () => {
  const body = encodeError(new AppError('NOT_FOUND', 'no such run', { details: { runId: 'r' } }), 1_000);
  const expected = { name: 'AppError', code: 'NOT_FOUND', message: 'no such run', details: { runId: 'r' } };
  expect(() => decodeAnswer('x.y', body)).toThrow(expect.objectContaining(expected));
});

test('an error whose details are too large or no JSON arrives without them', () => {
  const circular: { self?: unknown } = {};
  circular.self = circular;
  for (const details of ['x'.repeat(1_000), circular, 1n]) {
    const body = encodeError(new AppError('CONFLICT', 'taken', { details }), 500);
    expect(JSON.parse(body)).toEqual({ error: { code: 'CONFLICT', message: 'taken' } });
  }
});

test.each(['', 'x', '[]', '{}', '{"error":{}}', '{"error":{"code":"NEW_CODE","message":"m"}}'])(
  'the answer %j is INTERNAL',
  (body) => {
    expect(() => decodeAnswer('x.y', body)).toThrow(expect.objectContaining({ code: 'INTERNAL' }));
  },
);
