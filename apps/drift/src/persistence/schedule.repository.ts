import { Injectable } from '@nestjs/common';
import { AppError, type Schedule } from '@terramesh/contracts';
import { DriftContext } from '../context.js';
import { columnsOf, type ScheduleRow, type ScheduleSettings } from './schedule-row.js';
import type { Transaction } from './transaction.js';

const all = 'schedules.*, now() as read_at';

@Injectable()
export class ScheduleRepository {
  constructor(private readonly context: DriftContext) {}

  async count(tx: Transaction): Promise<number> {
    const [row] = await tx.query<{ count: number }[]>('select count(*)::int as count from schedules');
    return row?.count ?? 0;
  }

  /** Without a turn yet: `setNextRun` follows in the same transaction. */
  async insert(
    tx: Transaction,
    schedule: ScheduleSettings & Pick<Schedule, 'type' | 'hostname' | 'repository'>,
  ): Promise<ScheduleRow> {
    const { type, hostname, repository } = schedule;
    const columns = { ...columnsOf(schedule), type, hostname, repository, next_run_at: 'infinity' };
    const names = Object.keys(columns);
    const [row] = await tx.query<ScheduleRow[]>(
      `insert into schedules (${names}) values (${names.map((_, at) => `$${at + 1}`)}) returning ${all}`,
      Object.values(columns),
    );
    if (row === undefined) throw new Error('no row was inserted');
    return row;
  }

  async setNextRun(tx: Transaction, id: string, nextRunAt: number): Promise<void> {
    await tx.query('update schedules set next_run_at = $2 where id = $1', [id, new Date(nextRunAt)]);
  }

  async setSettings(tx: Transaction, id: string, settings: ScheduleSettings): Promise<void> {
    const columns = columnsOf(settings);
    const sets = Object.keys(columns).map((name, at) => `${name} = $${at + 2}`);
    // A turn that was taken and not started yet is not started after a pause.
    const turn = settings.state === 'paused' ? ', starting_turn = null, starting_until = null' : '';
    await tx.query(`update schedules set ${sets}${turn}, updated_at = now() where id = $1`, [
      id,
      ...Object.values(columns),
    ]);
  }

  /** Throws NOT_FOUND. */
  async get(id: string, tx: Transaction = this.context.manager): Promise<ScheduleRow> {
    const [row] = await tx.query<ScheduleRow[]>(`select ${all} from schedules where id = $1`, [id]);
    return row ?? notFound(id);
  }

  /** Locked until `tx` ends. Throws NOT_FOUND. */
  async getLocked(id: string, tx: Transaction): Promise<ScheduleRow> {
    const [row] = await tx.query<ScheduleRow[]>(`select ${all} from schedules where id = $1 for update`, [id]);
    return row ?? notFound(id);
  }

  async page(page: { repository: string | null; after: string | null; limit: number }): Promise<ScheduleRow[]> {
    return await this.context.manager.query(
      `select ${all} from schedules
       where number > $1 and ($2::text is null or lower($2) in (lower(repository), hostname || '/' || lower(repository)))
       order by number limit $3`,
      [page.after ?? '0', page.repository, page.limit],
    );
  }

  /** Throws NOT_FOUND. */
  async delete(id: string): Promise<void> {
    const [, count] = await this.context.manager.query<[unknown[], number]>('delete from schedules where id = $1', [
      id,
    ]);
    if (count === 0) notFound(id);
  }
}

function notFound(id: string): never {
  throw new AppError('NOT_FOUND', `there is no schedule ${id}`);
}
