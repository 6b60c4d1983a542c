import { Controller } from '@nestjs/common';
import { driftSchedules, type HandlerResult, type ParsedInput } from '@terramesh/contracts';
import { Serve } from '@terramesh/mesh';
import { fitPage } from '../fit-page.js';
import { ScheduleRepository } from '../persistence/schedule.repository.js';
import { scheduleOf } from '../persistence/schedule-row.js';
import { CreateSchedule } from './create-schedule.js';
import { TriggerSchedule } from './trigger-schedule.js';
import { UpdateSchedule } from './update-schedule.js';

@Controller()
export class SchedulesController {
  constructor(
    private readonly createSchedule: CreateSchedule,
    private readonly updateSchedule: UpdateSchedule,
    private readonly triggerSchedule: TriggerSchedule,
    private readonly schedules: ScheduleRepository,
  ) {}

  @Serve(driftSchedules.create)
  create(input: ParsedInput<typeof driftSchedules.create>) {
    return this.createSchedule.create(input);
  }

  @Serve(driftSchedules.list)
  async list(input: ParsedInput<typeof driftSchedules.list>): Promise<HandlerResult<typeof driftSchedules.list>> {
    const rows = await this.schedules.page({ ...input, limit: input.limit + 1 });
    const { items, next } = fitPage(rows, { limit: input.limit, cursorOf: ({ number }) => number });
    return { schedules: items.map(scheduleOf), next };
  }

  @Serve(driftSchedules.get)
  async get({ scheduleId }: ParsedInput<typeof driftSchedules.get>) {
    return scheduleOf(await this.schedules.get(scheduleId));
  }

  @Serve(driftSchedules.update)
  update(input: ParsedInput<typeof driftSchedules.update>) {
    return this.updateSchedule.update(input);
  }

  @Serve(driftSchedules.delete)
  async delete({ scheduleId }: ParsedInput<typeof driftSchedules.delete>) {
    await this.schedules.delete(scheduleId);
    return {};
  }

  @Serve(driftSchedules.trigger)
  trigger(input: ParsedInput<typeof driftSchedules.trigger>) {
    return this.triggerSchedule.trigger(input);
  }
}
