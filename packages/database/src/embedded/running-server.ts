// Watches over a server that runs, and stops it.
import type { DatabaseLogger } from '../logger.js';
import { isServerOf, livePostmaster, type Postmaster, stopPostmaster } from './postmaster.js';
import { connectionUrl, databaseName } from './server-settings.js';

export interface EmbeddedPostgres {
  readonly url: string;
  readonly port: number;
  readonly outcome: 'started' | 'adopted';
  /** Of the server; another one after it died and was started again. */
  readonly pid: number;
  /** Rolls back what is open and stops the server, whoever started it. */
  stop(): Promise<void>;
}

interface RunningServerOptions {
  readonly clusterDir: string;
  readonly password: string;
  readonly postmaster: Postmaster;
  readonly outcome: 'started' | 'adopted';
  readonly logger: DatabaseLogger;
  /** Starts the server again on its port; undefined: it stays dead. */
  readonly onDeath: (() => Promise<Postmaster>) | undefined;
}

const watchMs = 500;
const stopGraceMs = 30_000;

export class RunningServer implements EmbeddedPostgres {
  readonly url: string;
  readonly port: number;
  readonly outcome: 'started' | 'adopted';
  private postmaster: Postmaster;
  private readonly timer: NodeJS.Timeout | undefined;
  private check: Promise<void> | undefined;
  private stopping: Promise<void> | undefined;

  constructor(private readonly options: RunningServerOptions) {
    this.postmaster = options.postmaster;
    this.port = options.postmaster.port;
    this.outcome = options.outcome;
    this.url = connectionUrl(options.password, this.port, databaseName);
    if (options.onDeath !== undefined) this.timer = setInterval(() => this.tick(), watchMs).unref();
  }

  get pid(): number {
    return this.postmaster.pid;
  }

  stop(): Promise<void> {
    this.stopping ??= this.stopNow();
    return this.stopping;
  }

  private tick(): void {
    this.check ??= this.restartWhenDead().finally(() => {
      this.check = undefined;
    });
  }

  private async restartWhenDead(): Promise<void> {
    const { clusterDir, logger, onDeath } = this.options;
    if (onDeath === undefined || (await isServerOf(clusterDir, this.pid)) || this.stopping !== undefined) return;
    logger.warn({ pid: this.pid, port: this.port }, 'embedded Postgres died; it is started again');
    try {
      this.postmaster = await onDeath();
      logger.info({ pid: this.pid, port: this.port }, 'embedded Postgres is back');
    } catch (error) {
      // The next tick tries again.
      logger.error({ error, port: this.port }, 'embedded Postgres could not be started again');
    }
  }

  private async stopNow(): Promise<void> {
    clearInterval(this.timer);
    await this.check;
    const live = await livePostmaster(this.options.clusterDir);
    if (live !== undefined) await stopPostmaster(this.options.clusterDir, live.pid, stopGraceMs);
  }
}
