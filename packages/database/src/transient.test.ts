import { describe, expect, test } from '@jest/globals';
import { AppError } from '@terramesh/contracts';
import { QueryFailedError } from 'typeorm';
import { ConnectionError, isSerializationFailure, isTransient, sqlStateOf } from './transient.js';

const withCode = (code: string) => Object.assign(new Error('says nothing'), { code });

describe('isTransient', () => {
  test.each(['40001', '40P01', '55P03', '57014', '57P01', '57P03', '08006', '08P01', '53300', '53100', '25006'])(
    'SQLSTATE %s may pass',
    (code) => {
      expect(isTransient(withCode(code))).toBe(true);
      expect(isTransient(new QueryFailedError('select', [], withCode(code)))).toBe(true);
    },
  );

  test.each(['23505', '23503', '42601', '42P01', '28P01', '3D000', '22P02', '57P04', 'XX000', 'P0001'])(
    'SQLSTATE %s does not pass',
    (code) => expect(isTransient(withCode(code))).toBe(false),
  );

  test.each(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN'])(
    'errno %s may pass',
    (code) => expect(isTransient(withCode(code))).toBe(true),
  );

  test.each(['ENOENT', 'EACCES', 'ERR_INVALID_ARG_TYPE'])('errno %s does not pass', (code) =>
    expect(isTransient(withCode(code))).toBe(false),
  );

  test('looks into what Node says when every address of a host refused', () => {
    expect(isTransient(new AggregateError([withCode('ECONNREFUSED'), withCode('ECONNREFUSED')]))).toBe(true);
  });

  test('never believes a message', () => {
    expect(isTransient(new Error('Connection terminated unexpectedly'))).toBe(false);
    expect(isTransient(new Error('deadlock detected'))).toBe(false);
  });

  test('believes our own errors', () => {
    expect(isTransient(new ConnectionError())).toBe(true);
    expect(isTransient(new AppError('UNAVAILABLE', ''))).toBe(true);
    expect(isTransient(new AppError('CONFLICT', ''))).toBe(false);
    expect(isTransient('ECONNREFUSED')).toBe(false);
  });
});

describe('isSerializationFailure', () => {
  test('is true for what Postgres rolled back for the sake of others, and for nothing else', () => {
    const wrapped = (code: string) => new AppError('UNAVAILABLE', '', { cause: withCode(code) });
    expect(isSerializationFailure(wrapped('40001'))).toBe(true);
    expect(isSerializationFailure(wrapped('40P01'))).toBe(true);
    expect(isSerializationFailure(wrapped('57P01'))).toBe(false);
    expect(isSerializationFailure(wrapped('ECONNRESET'))).toBe(false);
  });
});

describe('sqlStateOf', () => {
  test('tells a SQLSTATE from an errno of five letters', () => {
    expect(sqlStateOf(withCode('23505'))).toBe('23505');
    expect(sqlStateOf(withCode('EPIPE'))).toBeUndefined();
    expect(sqlStateOf(new Error())).toBeUndefined();
  });
});
