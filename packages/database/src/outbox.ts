// Events leave with the state change they tell of: a row in the same transaction, published after the commit.
import type { EventContract, EventPayload } from '@terramesh/contracts';
import type { EntityManager, MigrationInterface, QueryRunner } from 'typeorm';
import { checkSchemaName } from './connection-options.js';

const announcedKey = 'terramesh.announced';

/**
 * Publishes the event once this transaction has committed, and never when it rolls back; at least once, so consumers
 * are idempotent. Events of transactions that follow one another keep their order: announce after taking the row lock.
 * Throws when the payload does not fit the event.
 */
export async function announce<E extends EventContract>(
  tx: EntityManager,
  event: E,
  payload: EventPayload<E>,
): Promise<void> {
  event.payload.parse(payload);
  const table = outboxTable(schemaOf(tx));
  await tx.query(`insert into ${table} (subject, payload) values ($1, $2)`, [event.subject, JSON.stringify(payload)]);
  if (tx.queryRunner !== undefined) tx.queryRunner.data[announcedKey] = true;
}

/** Whether this transaction, so far, has something to publish. */
export function hasAnnounced(tx: EntityManager): boolean {
  return tx.queryRunner?.data[announcedKey] === true;
}

/** The migration that creates the outbox; a service lists it among its own. */
export function outboxMigration(schema: string): new () => MigrationInterface {
  const table = outboxTable(schema);
  return class Outbox1700000000000 implements MigrationInterface {
    readonly name = 'Outbox1700000000000';

    async up(runner: QueryRunner): Promise<void> {
      await runner.query(`
        create table ${table} (
          id bigint generated always as identity primary key,
          subject text not null,
          payload json not null,
          announced_at timestamptz not null default now(),
          failures int not null default 0,
          parked_at timestamptz
        )`);
    }

    async down(): Promise<void> {
      throw new Error('migrations only go forward');
    }
  };
}

export function outboxTable(schema: string): string {
  return `"${checkSchemaName(schema)}".outbox`;
}

function schemaOf(tx: EntityManager): string {
  const { options } = tx.dataSource;
  if (options.type !== 'postgres' || options.schema === undefined) throw new Error('the data source has no schema');
  return options.schema;
}
