import type { MigrationInterface, QueryRunner } from 'typeorm';

export class SchedulesAndTelling1764000000003 implements MigrationInterface {
  readonly name = 'SchedulesAndTelling1764000000003';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table schedules (
        id uuid primary key default gen_random_uuid(),
        number bigint generated always as identity unique,
        name text not null,
        owner text not null,
        type text not null,
        hostname text not null,
        repository text collate "C" not null,
        ref text not null,
        projects jsonb not null,
        paths jsonb not null,
        cron text,
        time_zone text not null,
        interval_seconds int check (interval_seconds >= 60),
        jitter_seconds int check (jitter_seconds >= 0),
        follow_up text not null check (follow_up in ('nothing', 'plan', 'apply')),
        state text not null check (state in ('active', 'paused')),
        next_run_at timestamptz not null,
        starting_turn timestamptz,
        starting_until timestamptz,
        last_detection_id uuid,
        last_started_at timestamptz,
        last_status text,
        missed int not null default 0,
        skipped int not null default 0,
        failures int not null default 0,
        problem text,
        created_at timestamptz not null default now(),
        updated_at timestamptz not null default now(),
        check ((cron is null) <> (interval_seconds is null)),
        check ((starting_turn is null) = (starting_until is null))
      )`);
    await runner.query(
      `create index schedules_due on schedules (next_run_at) where state = 'active' and starting_turn is null`,
    );
    await runner.query(`create index schedules_starting on schedules (starting_until) where starting_turn is not null`);
    await runner.query(
      `create index schedules_unfinished on schedules (last_detection_id) where last_status in ('pending', 'running')`,
    );
    await runner.query(`create index schedules_of_repository on schedules (lower(repository), number)`);

    await runner.query(`
      create table webhooks (
        id uuid primary key default gen_random_uuid(),
        number bigint generated always as identity unique,
        kind text not null check (kind in ('http', 'slack')),
        url text not null,
        secret text,
        events text[] not null,
        repository text not null,
        repository_like text not null,
        enabled boolean not null,
        created_at timestamptz not null default now(),
        updated_at timestamptz not null default now()
      )`);
    await runner.query(`
      create table messages (
        event_id uuid primary key,
        kind text not null,
        at timestamptz not null,
        hostname text not null,
        repository text not null,
        ref text,
        message jsonb not null,
        created_at timestamptz not null default now()
      )`);
    await runner.query(`create index messages_by_age on messages (created_at)`);
    await runner.query(`
      create table deliveries (
        id uuid primary key default gen_random_uuid(),
        number bigint generated always as identity unique,
        webhook_id uuid not null references webhooks on delete cascade,
        event_id uuid not null references messages on delete cascade,
        status text not null default 'pending' check (status in ('pending', 'delivered', 'dead')),
        attempts int not null default 0,
        first_attempt_at timestamptz,
        next_attempt_at timestamptz not null default now(),
        http_status int,
        problem text,
        created_at timestamptz not null default now(),
        finished_at timestamptz,
        unique (webhook_id, event_id)
      )`);
    await runner.query(
      `create index deliveries_due on deliveries (webhook_id, next_attempt_at) where status = 'pending'`,
    );
    await runner.query(`create index deliveries_dead on deliveries (number) where status = 'dead'`);
    await runner.query(`create index deliveries_of_webhook on deliveries (webhook_id, number)`);
    await runner.query(`create index deliveries_of_message on deliveries (event_id)`);
  }

  async down(): Promise<void> {
    throw new Error('migrations only go forward');
  }
}
