import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A journal of which locks changed, in the order of commits. Written by triggers, so that no statement, not even one
 * typed by hand, changes a lock without a word of it.
 */
export class CreateLockChanges1764100000000 implements MigrationInterface {
  readonly name = 'CreateLockChanges1764100000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table lock_changes (
        turn bigint primary key,
        made_at timestamptz not null default clock_timestamp(),
        key_ids text[] not null,
        left_fences bigint[] not null
      )`);
    await runner.query(`insert into lock_changes (turn, key_ids, left_fences) values (0, '{}', '{}')`);
    // Whoever reads turn N has seen all turns before it: the counter's row stays locked until the transaction has ended.
    await runner.query(`
      create function note_lock_change(touched text[], departed bigint[]) returns void
      language plpgsql set search_path from current as $$
      declare own_turn bigint;
      begin
        if touched is null then return; end if;
        update ticket_counter set next = next + 1 returning next into own_turn;
        insert into lock_changes (turn, key_ids, left_fences) values (own_turn, touched, coalesce(departed, '{}'));
      end $$`);
    await runner.query(changesOf({ table: 'claims', id: 'ticket', keyId: 'key_id', isHeld: 'fence is not null' }));
    await runner.query(
      changesOf({ table: 'person_lock', id: 'workspace_id', keyId: 'place_id', isHeld: 'place_id is not null' }),
    );
    await runner.query(`
      create function forget_lock_changes() returns trigger language plpgsql set search_path from current as $$
      begin
        delete from lock_changes;
        perform note_lock_change('{}', '{}');
        return null;
      end $$`);
    for (const table of ['claims', 'person_lock']) {
      for (const [when, tables] of [
        ['insert', 'new table as after'],
        ['update', 'old table as before new table as after'],
        ['delete', 'old table as before'],
      ]) {
        await runner.query(`
          create trigger note_${when} after ${when} on ${table} referencing ${tables}
          for each statement execute function note_${table}()`);
      }
      await runner.query(`
        create trigger forget_changes after truncate on ${table} for each statement execute function forget_lock_changes()`);
    }
  }

  async down(): Promise<void> {
    throw new Error('migrations only go forward');
  }
}

/** A guard is no change of who holds what. */
const changesOf = ({ table, id, keyId, isHeld }: { table: string; id: string; keyId: string; isHeld: string }) => `
  create function note_${table}() returns trigger language plpgsql set search_path from current as $$
  begin
    if tg_op = 'INSERT' then
      perform note_lock_change(array_agg(${keyId}), '{}') from after where ${isHeld};
    elsif tg_op = 'DELETE' then
      perform note_lock_change(array_agg(${keyId}), array_agg(fence)) from before where ${isHeld};
    else
      perform note_lock_change(array_agg(${keyId}), array_agg(fence) filter (where has_left)) from (
        select was.${keyId}, was.fence, true as has_left from before as was left join after as now using (${id})
        where was.${isHeld} and to_jsonb(was) - 'guard' is distinct from to_jsonb(now) - 'guard'
        union all
        select now.${keyId}, now.fence, false from after as now left join before as was using (${id})
        where now.${isHeld} and to_jsonb(was) - 'guard' is distinct from to_jsonb(now) - 'guard'
      ) as changed;
    end if;
    return null;
  end $$`;
