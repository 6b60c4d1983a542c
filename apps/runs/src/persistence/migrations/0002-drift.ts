import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What apps/drift needs of a run: who wants it, on which commit, on which targets, up to which limits, and what it found. */
export class Drift1732320000000 implements MigrationInterface {
  name = 'Drift1732320000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      alter table run
        add column origin text not null default 'user' check (origin in ('user', 'drift')),
        add column expected_commit text,
        add column every_target boolean not null default false,
        add column limits jsonb,
        add column misfits text not null default 'refuse' check (misfits in ('refuse', 'leave_out')),
        add column left_out jsonb not null default '[]';

      -- Its cursor is a time in milliseconds.
      update run set finished_at = date_trunc('milliseconds', finished_at) where finished_at is not null;
      create index run_finished on run (finished_at, id) where status = 'finished' and pull is null;

      alter table execution
        add column origin text not null default 'user' check (origin in ('user', 'drift'));

      create table execution_drift (
        execution_id text primary key references execution (id) on delete cascade,
        truncated boolean not null,
        changes jsonb not null,
        size_bytes int not null
      );
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations are forward-only');
  }
}
