import { Controller, Param, Query, Req, Res } from '@nestjs/common';
import { driftNoise, driftRecords, type Operation, type OperationInput } from '@terramesh/contracts';
import { Mesh } from '@terramesh/mesh';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { GatewayOptions } from '../gateway.options.js';
import { parseInput } from '../http/parse.js';
import { Route } from '../http/route.js';
import { sendJson } from '../http/send.js';
import { assertDriftIsOn } from './drift-gate.js';
import { decodeBody, encodeHistoryEntry, encodeRecord } from './drift-records.codec.js';
import { driftRecordRoutes, HistoryQuery, RecordParams, RecordsQuery } from './drift-records.routes.js';
import { AcknowledgeRequest, OwnerRequest, SnoozeRequest } from './drift-records.schemas.js';

@Controller()
export class DriftRecordsController {
  constructor(
    private readonly mesh: Mesh,
    private readonly options: GatewayOptions,
  ) {}

  @Route(driftRecordRoutes.list)
  async list(@Query() query: unknown, @Res() reply: FastifyReply): Promise<FastifyReply> {
    assertDriftIsOn(this.options, 'detection');
    const { gone, ...filter } = parseInput(RecordsQuery, query);
    const page = await this.mesh.call(driftRecords.list, { ...filter, gone: gone === 'true' ? 'with' : 'without' });
    return sendJson(reply, 200, { records: page.records.map(encodeRecord), next: page.next });
  }

  @Route(driftRecordRoutes.get)
  async get(@Param() params: unknown, @Res() reply: FastifyReply): Promise<FastifyReply> {
    const id = this.idOf(params);
    const [{ record, changes, truncated }, { events }] = await Promise.all([
      this.mesh.call(driftRecords.get, { id }),
      this.mesh.call(driftRecords.history, { id }),
    ]);
    const details = { changes, changes_truncated: truncated, history: events.map(encodeHistoryEntry) };
    return sendJson(reply, 200, { ...encodeRecord(record), ...details });
  }

  @Route(driftRecordRoutes.history)
  async history(@Param() params: unknown, @Query() query: unknown, @Res() reply: FastifyReply): Promise<FastifyReply> {
    const id = this.idOf(params);
    const { limit, after = null } = parseInput(HistoryQuery, query);
    const { events, next } = await this.mesh.call(driftRecords.history, { id, limit, after });
    return sendJson(reply, 200, { history: events.map(encodeHistoryEntry), next });
  }

  @Route(driftRecordRoutes.acknowledge)
  acknowledge(@Param() params: unknown, @Req() { body }: FastifyRequest, @Res() reply: FastifyReply) {
    const id = this.idOf(params);
    return this.change(reply, driftNoise.acknowledge, { id, ...decodeBody(AcknowledgeRequest, body) });
  }

  @Route(driftRecordRoutes.unacknowledge)
  unacknowledge(@Param() params: unknown, @Res() reply: FastifyReply) {
    return this.change(reply, driftNoise.unacknowledge, { id: this.idOf(params) });
  }

  @Route(driftRecordRoutes.snooze)
  snooze(@Param() params: unknown, @Req() { body }: FastifyRequest, @Res() reply: FastifyReply) {
    const id = this.idOf(params);
    return this.change(reply, driftNoise.snooze, { id, ...decodeBody(SnoozeRequest, body) });
  }

  @Route(driftRecordRoutes.setOwner)
  setOwner(@Param() params: unknown, @Req() { body }: FastifyRequest, @Res() reply: FastifyReply) {
    const id = this.idOf(params);
    return this.change(reply, driftNoise.setOwner, { id, ...decodeBody(OwnerRequest, body) });
  }

  private async change<T extends Operation<Operation['input'], typeof driftNoise.setOwner.output>>(
    reply: FastifyReply,
    operation: T,
    input: OperationInput<T>,
  ): Promise<FastifyReply> {
    return sendJson(reply, 200, encodeRecord(await this.mesh.call(operation, input)));
  }

  private idOf(params: unknown): string {
    assertDriftIsOn(this.options, 'detection');
    return parseInput(RecordParams, params).id;
  }
}
