// Holds a worker at an exact point: where it writes a certain state, or where it commits that write. Triggers that wait
// for advisory locks do it, so nothing in the product knows of it.
import { until } from '@terramesh/testing';
import pg from 'pg';

/** `write`: in the transaction, before the row changes. `commit`: the worker has asked for the commit. */
export type GatePoint = 'write' | 'commit';

export interface Gate {
  /** Resolves when somebody stands before it. */
  reached(): Promise<void>;
  open(): Promise<void>;
}

/** Executions have `state`, runs, remediations and detections have `status`; a gate is named after the table and the value. */
export type GateName = `execution:${string}` | `run:${string}` | `remediations:${string}` | `detections:${string}`;

const keyOf = (point: string, name: string) => `hashtextextended('gate:' || '${point}:${name}', 0)`;

/** Once per database, after `runs`, and `drift` if it is there, have made their tables. */
export async function buildGates(databaseUrl: string): Promise<void> {
  await withClient(databaseUrl, async (client) => {
    await client.query('create schema gates');
    for (const [schema, table, column] of [
      ['runs', 'execution', 'state'],
      ['runs', 'run', 'status'],
      ['drift', 'remediations', 'status'],
      ['drift', 'detections', 'status'],
    ]) {
      const { rows } = await client.query('select to_regclass($1) as found', [`${schema}.${table}`]);
      if (rows[0]?.found === null) continue;
      await client.query(`
        create function gates.pass_${table}() returns trigger language plpgsql as $$
        begin
          perform pg_advisory_xact_lock_shared(
            hashtextextended('gate:' || tg_argv[0] || ':' || '${table}:' || new.${column}, 0));
          return new;
        end $$;
        create trigger gate_write before update of ${column} on ${schema}.${table} for each row
          when (old.${column} is distinct from new.${column}) execute function gates.pass_${table}('write');
        create constraint trigger gate_commit after update on ${schema}.${table} deferrable initially deferred for each row
          when (old.${column} is distinct from new.${column}) execute function gates.pass_${table}('commit');`);
    }
  });
}

/** Closed from now on, for everybody, until it is opened. */
export async function closeGate(databaseUrl: string, point: GatePoint, name: GateName): Promise<Gate> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  client.on('error', () => {});
  await client.query(`select pg_advisory_lock(${keyOf(point, name)})`);
  const isReached = async () => {
    const { rows } = await client.query(
      `select 1 from pg_locks, (select ${keyOf(point, name)} as key) as gate
       where locktype = 'advisory' and not granted
         and (classid::bigint << 32) | objid::bigint = gate.key`,
    );
    return rows.length > 0;
  };
  return {
    reached: async () => {
      await until(isReached, { timeoutMs: 30_000, describe: `somebody at the gate ${point} ${name}` });
    },
    open: () => client.end(),
  };
}

async function withClient(databaseUrl: string, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
