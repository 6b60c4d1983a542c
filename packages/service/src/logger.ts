// Structured logs: JSON lines, or short text for people; with the request id, without secrets.
import { currentRequestContext } from '@terramesh/mesh';
import { destination, pino } from 'pino';
import { formatLine } from './log-text.js';
import { maskSecrets } from './mask-secrets.js';

type Log = {
  (message: string): void;
  (fields: object, message?: string): void;
};

/** An Error under `err` is logged with its stack and causes. */
export interface Logger {
  readonly debug: Log;
  readonly info: Log;
  readonly warn: Log;
  readonly error: Log;
  child(fields: object): Logger;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

export interface LoggerOptions {
  readonly level: LogLevel;
  /** `json` for machines, `text` for a terminal. */
  readonly format?: 'json' | 'text';
  /** On every line. */
  readonly fields?: object;
  /** Values that must never appear; see `maskSecrets`. */
  readonly secrets?: Iterable<string>;
  /** Where lines go, each with its newline; default: the standard output, written before the call returns. */
  readonly write?: (line: string) => void;
}

/** The Nest token of the Logger. */
export const LOGGER = Symbol('terramesh.logger');

const secretKeys = ['password', 'secret', 'token', 'authorization', 'cookie', 'apiSecret', 'credentials'];

export function createLogger(options: LoggerOptions): Logger {
  const mask = maskSecrets(options.secrets ?? []);
  const write = options.write ?? standardOutput();
  const format = options.format === 'text' ? formatLine : (line: string) => line;
  const stream = { write: (line: string) => write(format(mask(line))) };
  // Fields of children are merged here: pino would write one that is given again twice.
  const loggerWith = (inherited: object): Logger => {
    const logger = pino(
      {
        level: options.level,
        base: {},
        timestamp: () => `,"time":"${new Date().toISOString()}"`,
        formatters: { level: (level) => ({ level }) },
        serializers: { error: pino.stdSerializers.err },
        redact: { paths: secretKeys.flatMap((key) => [key, `*.${key}`]), censor: '***' },
        mixin: () => {
          const context = currentRequestContext();
          return context === undefined ? inherited : { ...inherited, requestId: context.requestId };
        },
        mixinMergeStrategy: (fields, shared) => ({ ...shared, ...fields }),
      },
      stream,
    );
    return Object.assign(logger, { child: (fields: object) => loggerWith({ ...inherited, ...fields }) });
  };
  return loggerWith(options.fields ?? {});
}

/** Synchronous, so that the last lines before an exit are there. */
function standardOutput(): (line: string) => void {
  const stream = destination({ fd: 1, sync: true });
  return (line) => void stream.write(line);
}
