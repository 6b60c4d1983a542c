import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { EntityManager, MigrationInterface, QueryRunner } from 'typeorm';
import { type Database, isTransient, openDatabase, sqlStateOf, updateLocked } from '../src/index.js';
import { addCounter, Counter, openScratch, scratchServer } from './scratch.js';

const unavailable = { name: 'AppError', code: 'UNAVAILABLE' };
let server: Awaited<ReturnType<typeof scratchServer>>;
beforeAll(async () => {
  server = await scratchServer();
});
afterAll(() => server.stop());

describe('openDatabase', () => {
  test('brings up every one of four replicas that open an empty database at once', async () => {
    const replicas = await Promise.all([1, 2, 3, 4].map(() => openScratch(server.url, 'four')));
    await Promise.all(replicas.map((replica, index) => addCounter(replica, `c${index}`)));
    const [first] = replicas;
    expect(await first?.dataSource.manager.count(Counter)).toBe(4);
    expect(await first?.dataSource.query('select name from migrations order by name')).toHaveLength(2);
    await Promise.all(replicas.map((replica) => replica.close()));
  });

  test('leaves nothing behind when a migration fails', async () => {
    class Half1700000000000 implements MigrationInterface {
      async up(runner: QueryRunner): Promise<void> {
        await runner.query('create table half (id int)');
        await runner.query('select 1 / 0');
      }
      async down(): Promise<void> {}
    }
    const options = { url: server.url, schema: 'half', entities: [], applicationName: 'test', waitMs: 0 };
    await expect(openDatabase({ ...options, migrations: [Half1700000000000] })).rejects.toThrow('division by zero');
    const database = await openDatabase({ ...options, migrations: [] });
    expect(await database.dataSource.query("select to_regclass('half') as found")).toEqual([{ found: null }]);
    await database.close();
  });

  test('says UNAVAILABLE for a server that is not there, and what is wrong for a wrong password', async () => {
    const away = new URL(server.url);
    away.port = '1';
    await expect(openScratch(away.href, 'away')).rejects.toMatchObject(unavailable);
    const wrong = new URL(server.url);
    wrong.password = 'wrong';
    await expect(openScratch(wrong.href, 'wrong')).rejects.toMatchObject({ code: '28P01' });
  });

  test('refuses a schema name that is not a plain identifier', async () => {
    await expect(openScratch(server.url, 'a"; drop table x; --')).rejects.toThrow('not a schema name');
  });
});

describe('updateLocked', () => {
  let database: Database;
  beforeAll(async () => {
    database = await openScratch(server.url, 'locked');
  });
  afterAll(() => database.close());

  const increment = (tx: EntityManager, id: string) =>
    updateLocked(tx, Counter, { id }, (row) => ({ value: row.value + 1 }));

  test('lets no change of a row overwrite another', async () => {
    await addCounter(database, 'busy');
    await Promise.all(Array.from({ length: 40 }, () => database.transaction((tx) => increment(tx, 'busy'))));
    expect(await database.dataSource.manager.findOneBy(Counter, { id: 'busy' })).toMatchObject({ value: 40 });
  });

  test('resolves to the row as it is now, and to undefined when there is none', async () => {
    await addCounter(database, 'one');
    expect(await database.transaction((tx) => increment(tx, 'one'))).toEqual({ id: 'one', value: 1, note: null });
    expect(await database.transaction((tx) => increment(tx, 'none'))).toBeUndefined();
  });

  test('saves null, keeps what is undefined, and writes nothing when nothing differs', async () => {
    await addCounter(database, 'same');
    await database.transaction((tx) => updateLocked(tx, Counter, { id: 'same' }, () => ({ note: 'text', value: 7 })));
    const version = () => database.dataSource.query("select xmin, value, note from counters where id = 'same'");
    const before = await version();
    await database.transaction((tx) => updateLocked(tx, Counter, { id: 'same' }, (row) => ({ ...row })));
    expect(await version()).toEqual(before);
    await database.transaction((tx) => updateLocked(tx, Counter, { id: 'same' }, () => ({ note: null })));
    expect(await version()).toMatchObject([{ value: 7, note: null }]);
  });

  test('throws when the change touches the row it was given', async () => {
    await addCounter(database, 'frozen');
    const mutate = database.transaction((tx) =>
      updateLocked(tx, Counter, { id: 'frozen' }, (row) => {
        (row as Counter).value = 9;
        return row;
      }),
    );
    await expect(mutate).rejects.toBeInstanceOf(TypeError);
  });
});

describe('transaction', () => {
  let database: Database;
  beforeAll(async () => {
    database = await openScratch(server.url, 'tx', { statementTimeoutMs: 1_000, poolSize: 4 });
    await addCounter(database, 'a');
    await addCounter(database, 'b');
  });
  afterAll(() => database.close());

  /** Two transactions that lock the same two rows in opposite order, and meet in the middle. */
  async function deadlock(attempts: number): Promise<PromiseSettledResult<void>[]> {
    let arrived = 0;
    let meet = () => {};
    const met = new Promise<void>((resolve) => {
      meet = resolve;
    });
    const crossing = (first: string, second: string) =>
      database.transaction(
        async (tx) => {
          await tx.query('update counters set value = value + 1 where id = $1', [first]);
          arrived += 1;
          if (arrived === 2) meet();
          await met;
          await tx.query('update counters set value = value + 1 where id = $1', [second]);
        },
        { attempts },
      );
    return Promise.allSettled([crossing('a', 'b'), crossing('b', 'a')]);
  }

  test('runs work again after a deadlock only when the caller says it may', async () => {
    const outcomes = async (attempts: number) => (await deadlock(attempts)).map(({ status }) => status).sort();
    // Above the server's deadlock_timeout of one second the statement timeout is not what ends it.
    await database.dataSource.query("alter database terramesh set deadlock_timeout = '50ms'");
    await reconnect();
    expect(await outcomes(1)).toEqual(['fulfilled', 'rejected']);
    expect(await outcomes(3)).toEqual(['fulfilled', 'fulfilled']);
  });

  async function reconnect(): Promise<void> {
    await database.close();
    database = await openScratch(server.url, 'tx', { statementTimeoutMs: 1_000, poolSize: 4 });
  }

  test('says UNAVAILABLE for a statement that takes too long, and for a broken connection', async () => {
    await expect(database.transaction((tx) => tx.query('select pg_sleep(10)'))).rejects.toMatchObject(unavailable);
    const suicide = database.transaction((tx) => tx.query('select pg_terminate_backend(pg_backend_pid())'));
    await expect(suicide).rejects.toMatchObject(unavailable);
    await expect(database.ping()).resolves.toBeUndefined();
  });

  test('rolls back and passes on what is a bug, with its SQLSTATE', async () => {
    const twice = database.transaction(async (tx) => {
      await tx.update(Counter, { id: 'a' }, { note: 'rolled back' });
      await tx.insert(Counter, { id: 'a', value: 0 });
    });
    const error = await twice.catch((reason) => reason);
    expect([sqlStateOf(error), isTransient(error)]).toEqual(['23505', false]);
    expect(await database.dataSource.manager.findOneBy(Counter, { id: 'a' })).toMatchObject({ note: null });
  });

  test('is waited for by close, which refuses what comes after', async () => {
    let finish = () => {};
    const held = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const running = database.transaction(async (tx) => {
      await tx.query('select 1');
      await held;
      await tx.update(Counter, { id: 'a' }, { note: 'finished' });
    });
    const closed = database.close();
    await expect(database.transaction((tx) => tx.query('select 1'))).rejects.toMatchObject(unavailable);
    finish();
    await running;
    await closed;
    await expect(database.ping()).rejects.toMatchObject(unavailable);
    await reconnect();
    expect(await database.dataSource.manager.findOneBy(Counter, { id: 'a' })).toMatchObject({ note: 'finished' });
  });
});

describe('a database whose server is killed', () => {
  test('says UNAVAILABLE for all that is under way and all that follows, and works again once the server does', async () => {
    const database = await openScratch(server.url, 'killed');
    await addCounter(database, 'kept');
    // Idle connections in the pool, one busy, one between two statements of a transaction.
    await Promise.all([1, 2, 3, 4].map(() => database.dataSource.query('select pg_sleep(0.05)')));
    let goOn = () => {};
    const between = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    let isUnderWay = () => {};
    const underWay = new Promise<void>((resolve) => {
      isUnderWay = resolve;
    });
    const idleInTransaction = database.transaction(async (tx) => {
      await tx.update(Counter, { id: 'kept' }, { value: 1 });
      isUnderWay();
      await between;
      await tx.update(Counter, { id: 'kept' }, { value: 2 });
    });
    const busy = database.dataSource.query('select pg_sleep(20)');
    const outcomes = Promise.allSettled([idleInTransaction, busy]);
    await underWay;

    await server.kill();
    goOn();
    for (const outcome of await outcomes) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: unavailable });
    }
    await expect(database.ping()).rejects.toMatchObject(unavailable);
    await expect(database.dataSource.manager.find(Counter)).rejects.toMatchObject(unavailable);
    await expect(addCounter(database, 'lost')).rejects.toMatchObject(unavailable);

    await server.restart();
    await database.ping();
    expect(await database.dataSource.manager.find(Counter)).toEqual([{ id: 'kept', value: 0, note: null }]);
    await database.close();
  });
});
