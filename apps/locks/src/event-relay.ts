// Publishes what the outbox holds, for as long as the service runs, and closes the database after it.
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { lockEvents } from '@terramesh/contracts';
import { type Database, OutboxRelay } from '@terramesh/database';
import type { Mesh } from '@terramesh/mesh';
import type { Logger } from '@terramesh/service';

export class EventRelay implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly relay: OutboxRelay;

  constructor(
    private readonly database: Database,
    mesh: Mesh,
    logger: Logger,
  ) {
    const publish = async (subject: string, payload: unknown) => {
      if (subject !== lockEvents.deleted.subject) throw new Error(`${subject} is not an event of this service`);
      await mesh.publish(lockEvents.deleted, lockEvents.deleted.payload.parse(payload));
    };
    this.relay = new OutboxRelay({ database, publish, logger });
  }

  onApplicationBootstrap(): void {
    this.relay.start();
  }

  /** By now every handler has answered, and the sweeper has stopped. */
  async onApplicationShutdown(): Promise<void> {
    await this.relay.stop();
    await this.database.close();
  }
}
