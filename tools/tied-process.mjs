// Child processes that do not outlive this one: not even when it is killed with SIGKILL, where Linux lets us ask for that.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';

const setpriv = ['/usr/bin/setpriv', '/bin/setpriv'].find((file) => process.platform === 'linux' && existsSync(file));

/**
 * Starts a process in a group of its own, so that Ctrl-C reaches it only through `stop`.
 * @param {string[]} command
 * @param {import('node:child_process').SpawnOptions} options
 */
export function startTied(command, options) {
  const [executable, ...args] = setpriv === undefined ? command : [setpriv, '--pdeathsig', 'TERM', ...command];
  const child = spawn(executable, args, { ...options, detached: true });
  const exited = new Promise((resolve) => {
    child.once('error', (error) => resolve(`could not be started: ${error.message}`));
    child.once('exit', (code, signal) => resolve(signal === null ? `exit code ${code}` : signal));
  });
  const isRunning = () => child.pid !== undefined && child.exitCode === null && child.signalCode === null;
  return {
    child,
    /** How it ended, in words. */
    exited,
    isRunning,
    /** Asks it to stop, and ends it when it has not after `graceMs`. */
    async stop(graceMs) {
      if (!isRunning()) return;
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
      await exited;
      clearTimeout(timer);
    },
  };
}
