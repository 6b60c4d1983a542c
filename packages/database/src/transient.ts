// Which failures may pass by themselves. Decided by SQLSTATE, errno and class, never by the text of a message.
import { isAppError } from '@terramesh/contracts';
import { QueryFailedError } from 'typeorm';

/** The connection broke, or none was to be had: the server is away, restarting, or all connections are in use. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
}

// https://www.postgresql.org/docs/current/errcodes-appendix.html
const transientStates = new Set([
  '25006', // read-only: connected to what has just become a standby
  '25P03', // idle_in_transaction_session_timeout
  '25P04', // transaction_timeout
  '40001', // serialization_failure
  '40003', // statement_completion_unknown
  '40P01', // deadlock_detected
  '55P03', // lock_not_available
  '57014', // query_canceled, which statement_timeout does
  '57P01', // admin_shutdown
  '57P02', // crash_shutdown
  '57P03', // cannot_connect_now
  '57P05', // idle_session_timeout
]);
const transientClasses = ['08', '53']; // connection exception, insufficient resources
const repeatableStates = new Set(['40001', '40P01']);

const transientErrnos = new Set([
  'EADDRNOTAVAIL',
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'ENETDOWN',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
]);

/** True when the same work may succeed later unchanged. The work may also have been done: a lost commit looks the same. */
export function isTransient(error: unknown): boolean {
  if (isAppError(error)) return error.retryable;
  if (error instanceof ConnectionError) return true;
  const code = codeOf(error);
  if (code === undefined) return false;
  return (
    transientErrnos.has(code) || transientStates.has(code) || transientClasses.some((start) => isState(code, start))
  );
}

/** True when Postgres rolled the transaction back only because of what others did at the same time. */
export function isSerializationFailure(error: unknown): boolean {
  return repeatableStates.has(sqlStateOf(isAppError(error) ? error.cause : error) ?? '');
}

/** The five characters of the SQLSTATE, or undefined when the error is not the server's. */
export function sqlStateOf(error: unknown): string | undefined {
  const code = codeOf(error);
  return code !== undefined && isState(code, '') ? code : undefined;
}

function isState(code: string, start: string): boolean {
  // An errno such as EPIPE has five characters too; a SQLSTATE begins with a digit, or is one of the rare F0, HV, P0, XX.
  return /^(\d|F0|HV|P0|XX)[0-9A-Z]{3,4}$/.test(code) && code.length === 5 && code.startsWith(start);
}

function codeOf(error: unknown): string | undefined {
  const original = error instanceof QueryFailedError ? error.driverError : error;
  // Node tries each address of a host name and wraps what they answered.
  return ownCode(original) ?? ownCode(firstOf(original));
}

function firstOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'errors' in error && Array.isArray(error.errors)
    ? error.errors[0]
    : undefined;
}

function ownCode(error: unknown): string | undefined {
  // By shape: an error of Node itself is not an instance of the Error that a vm context, such as jest's, knows.
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}
