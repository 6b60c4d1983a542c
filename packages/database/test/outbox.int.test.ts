import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { AppError, event } from '@terramesh/contracts';
import { z } from 'zod';
import { announce, type Database, OutboxRelay } from '../src/index.js';
import { addCounter, Counter, openScratch, scratchServer, until } from './scratch.js';

const counted = event({
  subject: 'event.test.counted',
  payload: z.object({ n: z.int() }),
  delivery: 'one-per-service',
});

let server: Awaited<ReturnType<typeof scratchServer>>;
let database: Database;
let published: number[];
const relays: OutboxRelay[] = [];
beforeAll(async () => {
  server = await scratchServer();
  database = await openScratch(server.url, 'outbox_test');
});
beforeEach(() => {
  published = [];
});
afterEach(async () => {
  await Promise.all(relays.splice(0).map((relay) => relay.stop()));
  await database.dataSource.query('truncate outbox');
});
afterAll(async () => {
  await database.close();
  await server.stop();
});

const record = async (_subject: string, payload: unknown) => void published.push(counted.payload.parse(payload).n);
const announceNumber = (n: number) => database.transaction((tx) => announce(tx, counted, { n }));
const isEmpty = async () => (await database.dataSource.query('select 1 from outbox')).length === 0;

function relay(options: { publish?: typeof record; pollMs?: number; of?: Database } = {}): OutboxRelay {
  const { publish = record, pollMs = 60_000, of = database } = options;
  const created = new OutboxRelay({ database: of, publish, pollMs });
  relays.push(created);
  created.start();
  return created;
}

describe('announce', () => {
  test('publishes after the commit, without waiting for the poll', async () => {
    relay();
    await until(isEmpty);
    await database.transaction(async (tx) => {
      await announce(tx, counted, { n: 1 });
      expect(published).toEqual([]);
    });
    await until(() => published.length === 1);
  });

  test('publishes nothing of a transaction that rolls back', async () => {
    relay({ pollMs: 10 });
    const failing = database.transaction(async (tx) => {
      await tx.insert(Counter, { id: 'never', value: 1 });
      await announce(tx, counted, { n: 1 });
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    await announceNumber(2);
    await until(isEmpty);
    expect(published).toEqual([2]);
    expect(await database.dataSource.manager.countBy(Counter, { id: 'never' })).toBe(0);
  });

  test('refuses a payload that does not fit the event, and with it the transaction', async () => {
    const wrong = database.transaction(async (tx) => {
      await tx.insert(Counter, { id: 'wrong', value: 1 });
      await announce(tx, counted, { n: 0.5 });
    });
    await expect(wrong).rejects.toBeInstanceOf(z.ZodError);
    expect(await database.dataSource.manager.countBy(Counter, { id: 'wrong' })).toBe(0);
  });
});

describe('OutboxRelay', () => {
  test('publishes what was committed by a process that died before it could', async () => {
    const dying = await openScratch(server.url, 'outbox_test');
    await dying.transaction((tx) => announce(tx, counted, { n: 7 }));
    await dying.close();
    relay();
    await until(isEmpty);
    expect(published).toEqual([7]);
  });

  test('publishes again when its connection dies between publishing and deleting', async () => {
    await announceNumber(1);
    relay({
      pollMs: 10,
      publish: async (subject, payload) => {
        await record(subject, payload);
        if (published.length === 1) await killTransactions();
      },
    });
    await until(isEmpty);
    expect(published).toEqual([1, 1]);
  });

  // Only what is inside a transaction, which is the relay: the test's own connections are to go on asking.
  async function killTransactions(): Promise<void> {
    const other = await openScratch(server.url, 'killer');
    const killed = await other.dataSource.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where application_name = 'test-outbox_test' and state = 'idle in transaction'`,
    );
    expect(killed).toHaveLength(1);
    await other.close();
  }

  test('keeps the order and publishes once with several replicas at work', async () => {
    const replicas = await Promise.all([1, 2, 3].map(() => openScratch(server.url, 'outbox_test')));
    for (const replica of replicas) relay({ of: replica, pollMs: 10 });
    await addCounter(database, 'ordered');
    const total = 300;
    let next = 0;
    const write = async (replica: Database) => {
      while (next < total) {
        await replica.transaction(async (tx) => {
          // The row lock is what puts the transactions, and so their events, in an order.
          await tx.query("select 1 from counters where id = 'ordered' for update");
          next += 1;
          await announce(tx, counted, { n: next });
        });
      }
    };
    await Promise.all(replicas.map(write));
    await until(isEmpty);
    expect(published).toEqual(Array.from({ length: next }, (_, index) => index + 1));
    await Promise.all(relays.splice(0).map((running) => running.stop()));
    await Promise.all(replicas.map((replica) => replica.close()));
  });

  test('waits for a mesh that is away, for as long as it takes, and keeps the order', async () => {
    let tries = 0;
    for (const n of [1, 2, 3]) await announceNumber(n);
    relay({
      pollMs: 5,
      publish: async (subject, payload) => {
        tries += 1;
        if (tries < 25) throw new AppError('UNAVAILABLE', 'away');
        await record(subject, payload);
      },
    });
    await until(isEmpty);
    expect(published).toEqual([1, 2, 3]);
  });

  test('parks an event that can never leave and goes on with the others', async () => {
    for (const n of [1, 2, 3]) await announceNumber(n);
    relay({
      pollMs: 5,
      publish: async (subject, payload) => {
        if (counted.payload.parse(payload).n === 2) throw new AppError('TOO_LARGE', 'never');
        await record(subject, payload);
      },
    });
    await until(() => published.length === 2);
    expect(published).toEqual([1, 3]);
    const parked = () => database.dataSource.query('select payload from outbox where parked_at is not null');
    await until(async () => (await parked()).length === 1);
    expect(await parked()).toEqual([{ payload: { n: 2 } }]);
  });
});
