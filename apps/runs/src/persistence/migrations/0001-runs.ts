import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Runs1732233600000 implements MigrationInterface {
  name = 'Runs1732233600000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table run (
        id text primary key,
        kind text not null check (kind in ('plan', 'apply')),
        status text not null check (status in ('received', 'resolving', 'running', 'finished')),
        outcome text check (outcome in ('success', 'partial', 'failed', 'canceled')),
        type text not null,
        hostname text not null,
        repository text not null,
        clone_url text not null,
        ref text not null,
        pull int check (pull > 0),
        projects jsonb not null,
        paths jsonb not null,
        user_name text not null,
        commit text,
        error_code text,
        error_message text,
        created_at timestamptz not null default now(),
        started_at timestamptz,
        finished_at timestamptz,
        cancel_requested_at timestamptz,
        idempotency_key text,
        request_hash text not null,
        lease_epoch int not null default 0,
        lease_owner text,
        lease_expires_at timestamptz,
        losses int not null default 0,
        check ((status = 'finished') = (outcome is not null))
      );
      create unique index run_idempotency_key on run (idempotency_key) where idempotency_key is not null;
      create index run_unfinished on run (created_at) where status <> 'finished';
      create index run_newest on run (created_at desc, id desc);
      create index run_of_repository on run (repository, created_at desc, id desc);

      create table execution (
        id text primary key,
        run_id text not null references run (id) on delete cascade,
        ordinal int not null,
        repository_key text not null,
        directory text not null,
        terraform_workspace text not null,
        name text not null,
        execution_order_group int not null,
        depends_on jsonb not null,
        state text not null check (state in ('queued', 'leased', 'preparing', 'planning', 'planned', 'no_changes',
          'plan_failed', 'apply_queued', 'apply_intent', 'applying', 'applied', 'apply_failed', 'outcome_unknown',
          'canceled')),
        waiting_for text,
        cancel_requested_at timestamptz,
        lock_state text not null check (lock_state in ('wanted', 'held', 'releasing', 'guarding', 'kept', 'none')),
        lock_fence int,
        lock_inherited boolean not null default false,
        lease_epoch int not null default 0,
        lease_owner text,
        lease_expires_at timestamptz,
        losses int not null default 0,
        bundle_id text,
        plan jsonb,
        problem text,
        queued_at timestamptz not null default now(),
        started_at timestamptz,
        finished_at timestamptz,
        unique (run_id, ordinal)
      );
      create index execution_claimable on execution (queued_at)
        where state in ('queued', 'apply_queued') and waiting_for is null;
      -- Two applies of one state at once: never, whatever the targets are called.
      create unique index execution_one_apply on execution (repository_key, directory, terraform_workspace)
        where state in ('apply_intent', 'applying');
      create index execution_leased on execution (lease_expires_at) where lease_owner is not null;
      create index execution_lock_work on execution (lock_state, run_id)
        where lock_state in ('wanted', 'releasing', 'guarding', 'kept');

      create table result_text (
        execution_id text not null references execution (id) on delete cascade,
        part text not null check (part in ('plan_output', 'apply_output', 'error', 'failure')),
        piece int not null,
        body text not null,
        chars int not null,
        primary key (execution_id, part, piece)
      );

      create table log_counter (
        run_id text primary key references run (id) on delete cascade,
        lines int not null
      );
      create table log_chunk (
        run_id text not null references run (id) on delete cascade,
        first_line int not null,
        last_line int not null,
        at timestamptz not null default now(),
        execution_id text,
        body text not null,
        primary key (run_id, first_line)
      );

      create table bundle (
        id text not null,
        execution_id text not null references execution (id) on delete cascade,
        meta jsonb not null,
        content bytea not null,
        created_at timestamptz not null default now(),
        primary key (execution_id, id)
      );

      create table terraform_state (
        hostname text not null,
        repository text not null,
        directory text not null,
        terraform_workspace text not null,
        serial bigint not null,
        lineage text not null,
        content bytea not null,
        execution_id text not null,
        updated_at timestamptz not null default now(),
        primary key (hostname, repository, directory, terraform_workspace)
      );
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations are forward-only');
  }
}
