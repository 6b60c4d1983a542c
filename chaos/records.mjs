// What the database knows, read from outside the product: its rows, and every step that an execution ever took.
import pg from 'pg';
import { driftRecords } from './drift-records.mjs';

const historySql = `
  create schema chaos;
  create table chaos.history (
    number bigserial primary key, at timestamptz not null default clock_timestamp(),
    execution_id text, run_id text, state text, epoch int, owner text, lock_state text);
  create function chaos.note() returns trigger language plpgsql as $$
  begin
    insert into chaos.history (execution_id, run_id, state, epoch, owner, lock_state)
    values (new.id, new.run_id, new.state, new.lease_epoch, new.lease_owner, new.lock_state);
    return new;
  end $$;
  create trigger chaos_born after insert on runs.execution for each row execute function chaos.note();
  create trigger chaos_changed after update on runs.execution for each row
    when ((old.state, old.lease_epoch, old.lease_owner, old.lock_state)
      is distinct from (new.state, new.lease_epoch, new.lease_owner, new.lock_state))
    execute function chaos.note();`;

export function openRecords(databaseUrl) {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 2, connectionTimeoutMillis: 5_000 });
  pool.on('error', () => {});
  const sql = async (text, values = []) => (await pool.query(text, values)).rows;
  const drift = driftRecords(sql);
  return {
    drift,
    /** Once, when `runs` has made its tables and before the first run. */
    keepHistory: () => sql(historySql),
    history: () =>
      sql(`select execution_id as "executionId", run_id as "runId", state, epoch, owner, lock_state as "lockState",
        extract(epoch from at)::float8 * 1000 as at from chaos.history order by number`),
    runs: () =>
      sql(`select id, kind, status, outcome, commit, error_code as "errorCode", error_message as "errorMessage",
        idempotency_key as key, lease_owner as owner from runs.run order by created_at`),
    executions: () =>
      sql(`select id, run_id as "runId", directory, state, lock_state as "lockState", lock_inherited as inherited,
        lease_owner as owner, problem, losses from runs.execution order by run_id, ordinal`),
    /** One row per stored piece of a log: its first and last number, and how many lines it holds. */
    logChunks: () =>
      sql(`select run_id as "runId", first_line as first, last_line as last,
        length(body) - length(replace(body, E'\\n', '')) + 1 as lines from runs.log_chunk order by run_id, first_line`),
    claims: () => sql(`select name, run_id as "runId", fence, guard from locks.claims`),
    /** What still goes on: runs, leases, locks that are being taken, given back or guarded, and drift. */
    unsettled: async () => {
      const [row] = await sql(`select
        (select count(*)::int from runs.run where status <> 'finished') as "unfinished runs",
        (select count(*)::int from runs.run where lease_owner is not null)
          + (select count(*)::int from runs.execution where lease_owner is not null) as leases,
        (select count(*)::int from runs.execution where lock_state in ('wanted', 'held', 'releasing', 'guarding'))
          as "locks on their way"`);
      return { ...row, ...(await drift.unsettled()) };
    },
    /** Whether this host works on an execution in one of the states. */
    isWorking: async (hostId, states) =>
      (await sql(`select 1 from runs.execution where lease_owner = $1 and state = any ($2)`, [hostId, states])).length >
      0,
    close: () => pool.end(),
  };
}
