import { Controller, Param, Query, Req, Res } from '@nestjs/common';
import { AppError, driftSchedules } from '@terramesh/contracts';
import { Mesh } from '@terramesh/mesh';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { idempotencyKeyOf } from '../atlantis/run-headers.js';
import { GatewayOptions } from '../gateway.options.js';
import { Draining } from '../http/draining.js';
import { parseInput } from '../http/parse.js';
import { Route } from '../http/route.js';
import { sendJson } from '../http/send.js';
import { assertDriftIsOn } from './drift-gate.js';
import { decodeNewSchedule, decodeScheduleChanges, encodeSchedule } from './drift-schedules.codec.js';
import { ScheduleParams, SchedulesQuery, scheduleRoutes } from './drift-schedules.routes.js';

/** Beside the schedule's own id, in what may be 255 characters. */
const maxKeyLength = 128;

@Controller()
export class DriftSchedulesController {
  constructor(
    private readonly mesh: Mesh,
    private readonly draining: Draining,
    private readonly options: GatewayOptions,
  ) {}

  @Route(scheduleRoutes.list)
  async list(@Query() query: unknown, @Res() reply: FastifyReply): Promise<FastifyReply> {
    assertDriftIsOn(this.options, 'detection');
    const { limit, repository = null, after = null } = parseInput(SchedulesQuery, query);
    const { schedules, next } = await this.mesh.call(driftSchedules.list, { limit, repository, after });
    return sendJson(reply, 200, { schedules: schedules.map(encodeSchedule), next });
  }

  @Route(scheduleRoutes.create)
  async create(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<FastifyReply> {
    assertDriftIsOn(this.options, 'detection');
    const schedule = await this.mesh.call(driftSchedules.create, decodeNewSchedule(request.body));
    return sendJson(reply.header('location', `/api/drift/schedules/${schedule.id}`), 201, encodeSchedule(schedule));
  }

  @Route(scheduleRoutes.get)
  async get(@Param() params: unknown, @Res() reply: FastifyReply): Promise<FastifyReply> {
    const scheduleId = this.idOf(params);
    return sendJson(reply, 200, encodeSchedule(await this.mesh.call(driftSchedules.get, { scheduleId })));
  }

  @Route(scheduleRoutes.update)
  async update(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<FastifyReply> {
    const scheduleId = this.idOf(request.params);
    const changes = decodeScheduleChanges(request.body);
    const schedule = await this.mesh.call(driftSchedules.update, { scheduleId, ...changes });
    return sendJson(reply, 200, encodeSchedule(schedule));
  }

  @Route(scheduleRoutes.delete)
  async delete(@Param() params: unknown, @Res() reply: FastifyReply): Promise<FastifyReply> {
    await this.mesh.call(driftSchedules.delete, { scheduleId: this.idOf(params) });
    return reply.code(204).send();
  }

  @Route(scheduleRoutes.trigger)
  async trigger(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<FastifyReply> {
    const scheduleId = this.idOf(request.params);
    const idempotencyKey = idempotencyKeyOf(request.headers) ?? null;
    if (idempotencyKey !== null && idempotencyKey.length > maxKeyLength) {
      throw new AppError('INVALID', `Idempotency-Key must have at most ${maxKeyLength} characters`);
    }
    this.draining.assertAccepting();
    const { detectionId, runId } = await this.mesh.call(driftSchedules.trigger, { scheduleId, idempotencyKey });
    const location = runId === null ? `/api/drift/schedules/${scheduleId}` : `/api/runs/${runId}`;
    return sendJson(reply.header('location', location), 202, { id: detectionId });
  }

  private idOf(params: unknown): string {
    assertDriftIsOn(this.options, 'detection');
    return parseInput(ScheduleParams, params).id;
  }
}
