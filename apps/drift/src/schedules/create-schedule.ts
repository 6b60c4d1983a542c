import { Injectable } from '@nestjs/common';
import { AppError, type driftSchedules, type ParsedInput, repositories, type Schedule } from '@terramesh/contracts';
import { Mesh } from '@terramesh/mesh';
import { DriftContext } from '../context.js';
import { ScheduleRepository } from '../persistence/schedule.repository.js';
import { scheduleOf, timingOf } from '../persistence/schedule-row.js';
import { assertTiming } from './cadence.js';
import { nextTurn } from './decide-turn.js';

const maxSchedules = 10_000;

@Injectable()
export class CreateSchedule {
  constructor(
    private readonly context: DriftContext,
    private readonly schedules: ScheduleRepository,
    private readonly mesh: Mesh,
  ) {}

  async create(request: ParsedInput<typeof driftSchedules.create>): Promise<Schedule> {
    assertTiming(request, Date.now());
    const { type, repository } = request;
    const { hostname } = await this.mesh.call(repositories.admit, { type, repository });
    return await this.context.transaction(async (tx) => {
      if ((await this.schedules.count(tx)) >= maxSchedules) {
        throw new AppError('CONFLICT', `there are ${maxSchedules} schedules already, which is the most there can be`);
      }
      const row = await this.schedules.insert(tx, { ...request, hostname });
      const next = nextTurn({ timing: timingOf(row), after: row.read_at.getTime(), failures: 0 });
      await this.schedules.setNextRun(tx, row.id, next);
      return scheduleOf({ ...row, next_run_at: new Date(next) });
    });
  }
}
