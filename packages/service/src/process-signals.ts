import type { Logger } from './logger.js';

/** One Ctrl-C may arrive several times: from the terminal, which signals the whole group, and from npm or a supervisor. */
const echoMs = 500;

/**
 * Resolves at the first SIGTERM or SIGINT; another one half a second later or more ends the process at once, code 1. From the call on, an error
 * that nobody caught is logged and ends the process too.
 */
export function untilAskedToStop(logger: Logger): Promise<void> {
  process.on('uncaughtException', (error) => {
    logger.error({ err: error }, 'an error that nobody caught: the process ends');
    process.exit(1);
  });
  return new Promise((resolve) => {
    let firstAt: number | undefined;
    const onSignal = (signal: NodeJS.Signals): void => {
      if (firstAt !== undefined) {
        if (performance.now() - firstAt >= echoMs) process.exit(1);
        return;
      }
      firstAt = performance.now();
      logger.info({ signal }, 'stopping');
      resolve();
    };
    process.on('SIGTERM', onSignal);
    process.on('SIGINT', onSignal);
  });
}
