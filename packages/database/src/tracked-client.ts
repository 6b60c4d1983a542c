// The pg client of our pools: survives errors that nobody listens for, and remembers that its connection broke.
import type { Socket } from 'node:net';
import pg from 'pg';

const broken = new WeakMap<object, Error>();

/**
 * pg and TypeORM each listen for 'error' while they hold a client, but not in the moment when one hands it to the other;
 * an error in that moment would end the process.
 */
export class TrackedClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config);
    this.on('error', (error) => broken.set(this, error));
  }
}

/** Why this client's connection broke, or undefined while it has not. */
export function breakOf(client: unknown): Error | undefined {
  return typeof client === 'object' && client !== null ? broken.get(client) : undefined;
}

/** Breaks the connection of a server that no longer answers: statement_timeout is the server's, and needs a live one. */
export function breakConnection(client: unknown, reason: Error): void {
  // Not in pg's types, but the only way that does not wait for the server; pg-pool does the same on its timeout.
  (client as { connection?: { stream?: Socket } }).connection?.stream?.destroy(reason);
}
