import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import type { driftSchedules, ParsedInput, Schedule } from '@terramesh/contracts';
import { DriftContext } from '../context.js';
import { ScheduleRepository } from '../persistence/schedule.repository.js';
import { type ScheduleSettings, scheduleOf, settingsOf, timingOf } from '../persistence/schedule-row.js';
import { assertTiming } from './cadence.js';
import { nextTurn } from './decide-turn.js';

@Injectable()
export class UpdateSchedule {
  constructor(
    private readonly context: DriftContext,
    private readonly schedules: ScheduleRepository,
  ) {}

  /** A new cadence, and an end of a pause, count from now; turns that passed in a pause are not missed. */
  async update({ scheduleId, ...wanted }: ParsedInput<typeof driftSchedules.update>): Promise<Schedule> {
    return await this.context.transaction(async (tx) => {
      const before = settingsOf(await this.schedules.getLocked(scheduleId, tx));
      const after = withChanges(before, wanted);
      assertTiming(after, Date.now());
      await this.schedules.setSettings(tx, scheduleId, after);
      const row = await this.schedules.get(scheduleId, tx);
      if (isDeepStrictEqual(turnsOf(before), turnsOf(after))) return scheduleOf(row);
      const next = nextTurn({ timing: timingOf(row), after: row.read_at.getTime(), failures: 0 });
      await this.schedules.setNextRun(tx, scheduleId, next);
      return scheduleOf({ ...row, next_run_at: new Date(next) });
    });
  }
}

function withChanges(
  before: ScheduleSettings,
  wanted: { [K in keyof ScheduleSettings]?: ScheduleSettings[K] | undefined },
): ScheduleSettings {
  const given = Object.entries(wanted).filter(([, value]) => value !== undefined);
  return { ...before, ...Object.fromEntries(given) };
}

function turnsOf({ cadence, jitterSeconds, state }: ScheduleSettings) {
  return { cadence, jitterSeconds, state };
}
