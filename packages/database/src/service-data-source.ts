// A TypeORM data source whose every failure is either a bug or AppError('UNAVAILABLE'), inside and outside transactions.
import { AppError } from '@terramesh/contracts';
import { DataSource, type QueryRunner, QueryRunnerAlreadyReleasedError, type ReplicationMode } from 'typeorm';
import { breakConnection, breakOf } from './tracked-client.js';
import { ConnectionError, isTransient, sqlStateOf } from './transient.js';

export class ServiceDataSource extends DataSource {
  /** How long the server may leave a query unanswered, in ms; undefined: for ever. */
  silenceTimeoutMs: number | undefined;
  private closing = false;

  override createQueryRunner(mode: ReplicationMode = 'master'): QueryRunner {
    const runner = super.createQueryRunner(mode);
    const connect = runner.connect.bind(runner);
    const query = runner.query.bind(runner) as (...args: unknown[]) => Promise<unknown>;
    let client: unknown;

    runner.connect = async () => {
      try {
        client = await connect();
        return client;
      } catch (error) {
        // pg-pool's own timeouts carry no code; that it happened here says what it was.
        throw sqlStateOf(error) === undefined ? unavailable(error) : translate(error);
      }
    };
    runner.query = (async (...args: unknown[]) => {
      const stopWatch = this.watch(() => client);
      try {
        return await query(...args);
      } catch (error) {
        // A broken connection releases its runner, and whatever follows meets a released one.
        const lost = breakOf(client) ?? (this.closing && error instanceof QueryRunnerAlreadyReleasedError);
        throw lost && sqlStateOf(error) === undefined ? unavailable(error) : translate(error);
      } finally {
        stopWatch();
      }
    }) as QueryRunner['query'];
    return runner;
  }

  override destroy(): Promise<void> {
    this.closing = true;
    return super.destroy();
  }

  private watch(client: () => unknown): () => void {
    if (this.silenceTimeoutMs === undefined) return () => {};
    const giveUp = () => breakConnection(client(), new ConnectionError('the database did not answer'));
    const timer = setTimeout(giveUp, this.silenceTimeoutMs).unref();
    return () => clearTimeout(timer);
  }
}

/** AppError('UNAVAILABLE') for what may pass by itself, anything else as it is. */
export function translate(error: unknown): unknown {
  return isTransient(error) ? unavailable(error) : error;
}

function unavailable(cause: unknown): AppError {
  return cause instanceof AppError ? cause : new AppError('UNAVAILABLE', 'the database is not available', { cause });
}
