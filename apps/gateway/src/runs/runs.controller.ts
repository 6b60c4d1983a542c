import { Readable } from 'node:stream';
import { Controller, Param, Query, Req, Res } from '@nestjs/common';
import { runs } from '@terramesh/contracts';
import { Mesh } from '@terramesh/mesh';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Draining } from '../http/draining.js';
import { parseInput } from '../http/parse.js';
import { Route } from '../http/route.js';
import { sendJson } from '../http/send.js';
import { encodeEvents, encodePlainLog } from './log-stream.codec.js';
import { RunLogs } from './run-logs.js';
import { LogsHeaders, LogsQuery, RunParams, RunsQuery, runRoutes } from './runs.routes.js';

@Controller()
export class RunsController {
  constructor(
    private readonly mesh: Mesh,
    private readonly runLogs: RunLogs,
    private readonly draining: Draining,
  ) {}

  @Route(runRoutes.list)
  async list(@Query() query: unknown, @Res() reply: FastifyReply): Promise<FastifyReply> {
    const { limit, repository = null, status = null, after = null } = parseInput(RunsQuery, query);
    return sendJson(reply, 200, await this.mesh.call(runs.list, { limit, repository, status, after }));
  }

  @Route(runRoutes.get)
  async get(@Param() params: unknown, @Res() reply: FastifyReply): Promise<FastifyReply> {
    const { id } = parseInput(RunParams, params);
    return sendJson(reply, 200, await this.mesh.call(runs.get, { runId: id }));
  }

  @Route(runRoutes.cancel)
  async cancel(@Param() params: unknown, @Res() reply: FastifyReply): Promise<FastifyReply> {
    const { id } = parseInput(RunParams, params);
    return sendJson(reply, 200, await this.mesh.call(runs.cancel, { runId: id }));
  }

  @Route(runRoutes.logs)
  async logs(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<FastifyReply> {
    const { id: runId } = parseInput(RunParams, request.params);
    const query = parseInput(LogsQuery, request.query);
    const { 'Last-Event-ID': lastEventId } = parseInput(LogsHeaders.pick({ 'Last-Event-ID': true }), {
      'Last-Event-ID': request.headers['last-event-id'],
    });
    const isEvents = request.headers.accept?.includes('text/event-stream') ?? false;
    const signal = this.draining.endOf(reply.raw, 'streams');
    const pages = await this.runLogs.open({
      runId,
      after: lastEventId ?? query.after,
      until: isEvents || query.follow === 'true' ? 'follow' : 'snapshot',
      signal,
    });
    reply.header('content-type', isEvents ? 'text/event-stream; charset=utf-8' : 'text/plain; charset=utf-8');
    reply.header('cache-control', 'no-store').header('x-accel-buffering', 'no');
    if (request.method === 'HEAD') return reply.send('');
    const ending = () => this.mesh.call(runs.wait, { runId, waitMs: 0 }, { signal });
    return reply.send(Readable.from(isEvents ? encodeEvents(pages, ending) : encodePlainLog(pages)));
  }
}
