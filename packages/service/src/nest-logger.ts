import type { LoggerService } from '@nestjs/common';
import type { Logger } from './logger.js';

/** Nest's own messages in our log; its chatter about modules and routes goes to `debug`. */
export function nestLogger(logger: Logger): LoggerService {
  return {
    log: (message, ...rest) => logger.debug(fieldsOf(rest), textOf(message)),
    debug: (message, ...rest) => logger.debug(fieldsOf(rest), textOf(message)),
    verbose: (message, ...rest) => logger.debug(fieldsOf(rest), textOf(message)),
    warn: (message, ...rest) => logger.warn(fieldsOf(rest), textOf(message)),
    error: (message, ...rest) => logger.error({ ...fieldsOf(rest), ...errorOf(message, rest) }, textOf(message)),
    fatal: (message, ...rest) => logger.error({ ...fieldsOf(rest), ...errorOf(message, rest) }, textOf(message)),
  };
}

/** Nest passes the context last, and for errors a stack before it. */
function fieldsOf(rest: readonly unknown[]): object {
  const context = rest.at(-1);
  return typeof context === 'string' ? { nest: context } : {};
}

function errorOf(message: unknown, rest: readonly unknown[]): object {
  if (message instanceof Error) return { err: message };
  const stack = rest.length > 1 ? rest[0] : undefined;
  return typeof stack === 'string' ? { stack } : {};
}

function textOf(message: unknown): string {
  if (message instanceof Error) return message.message;
  return typeof message === 'string' ? message : JSON.stringify(message);
}
