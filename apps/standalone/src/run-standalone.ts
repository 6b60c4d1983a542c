// The whole of the standalone process: from its environment to its exit code.
import { DirectoryInUse, processEnvironment, SettingsError, untilAskedToStop } from '@terramesh/service';
import { greeting } from './greeting.js';
import { openInstallation } from './installation.js';
import { startStandalone } from './start-standalone.js';

/** Runs until SIGTERM or SIGINT, then ends the process: 0 after a clean stop, 1 otherwise. */
export async function runStandalone(): Promise<never> {
  let mask = (text: string): string => text;
  try {
    const installation = await openInstallation(processEnvironment());
    mask = installation.mask;
    const { settings, logger, secretFile } = installation;
    // Listens from now on: a stop that is asked for during the start is an orderly one too.
    const askedToStop = untilAskedToStop(logger);
    const { url, firstToken, stop } = await startStandalone(installation);
    process.stdout.write(greeting({ ...settings, url, secretFile, firstToken }));
    await askedToStop;
    await stop();
  } catch (error) {
    process.stderr.write(`${mask(startProblem(error))}\n`);
    process.exit(1);
  }
  process.exit(0);
}

function startProblem(error: unknown): string {
  if (error instanceof SettingsError || error instanceof DirectoryInUse) return error.message;
  const reason = error instanceof Error ? (error.name === 'AppError' ? error.message : error.stack) : String(error);
  return `terramesh cannot run: ${reason}`;
}
