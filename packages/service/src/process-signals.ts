import type { Logger } from './logger.js';

/**
 * Resolves at the first SIGTERM or SIGINT; a second one ends the process at once with code 1. From the call on, an error
 * that nobody caught is logged and ends the process too.
 */
export function untilAskedToStop(logger: Logger): Promise<void> {
  process.on('uncaughtException', (error) => {
    logger.error({ err: error }, 'an error that nobody caught: the process ends');
    process.exit(1);
  });
  return new Promise((resolve) => {
    let asked = 0;
    const onSignal = (signal: NodeJS.Signals): void => {
      asked += 1;
      if (asked > 1) process.exit(1);
      logger.info({ signal }, 'stopping');
      resolve();
    };
    process.on('SIGTERM', onSignal);
    process.on('SIGINT', onSignal);
  });
}
