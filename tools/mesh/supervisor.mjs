// A handful of processes that live and die together, with their output under one roof.
import { createInterface } from 'node:readline';
import { startTied } from '../tied-process.mjs';

const color = process.stdout.isTTY && !process.env.NO_COLOR;
const colors = [36, 32, 33, 35, 34, 31];

export class Supervisor {
  #processes = [];
  #isStopping = false;
  #died;
  #onDeath;

  constructor() {
    this.#died = new Promise((resolve) => {
      this.#onDeath = resolve;
    });
  }

  /** Resolves with a sentence when a process ends that was not asked to. */
  get died() {
    return this.#died;
  }

  /** @param {{ name: string, command: string[], env: NodeJS.ProcessEnv, stopTimeoutMs: number }} options */
  start({ name, command, env, stopTimeoutMs }) {
    const tied = startTied(command, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const prefix = this.#prefix(name);
    for (const stream of [tied.child.stdout, tied.child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => process.stdout.write(`${prefix} ${line}\n`));
    }
    this.#processes.push({ name, stop: () => tied.stop(stopTimeoutMs) });
    void tied.exited.then((how) => {
      if (!this.#isStopping) this.#onDeath(`${name} ended by itself: ${how}`);
    });
  }

  /** Stops them in the opposite order of their start, replicas of a service together. */
  async stop() {
    this.#isStopping = true;
    while (this.#processes.length > 0) {
      const service = serviceOf(this.#processes.at(-1));
      const last = this.#processes.filter((one) => serviceOf(one) === service);
      this.#processes = this.#processes.filter((one) => serviceOf(one) !== service);
      await Promise.all(last.map(({ stop }) => stop()));
    }
  }

  #prefix(name) {
    const text = `${name.padEnd(10)}│`;
    return color ? `\u001b[${colors[this.#processes.length % colors.length]}m${text}\u001b[0m` : text;
  }
}

/** `runs-2` → `runs` */
const serviceOf = ({ name }) => name.replace(/-\d+$/, '');
