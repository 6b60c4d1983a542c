import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { Controller, Param, Query, Req, Res } from '@nestjs/common';
import { AppError, driftBreaker, maxWaitMs, type Remediation, remediations } from '@terramesh/contracts';
import { Mesh } from '@terramesh/mesh';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { encodeGoJson } from '../atlantis/go-json.js';
import { idempotencyKeyOf, prefersAsync } from '../atlantis/run-headers.js';
import { GatewayOptions } from '../gateway.options.js';
import { Draining } from '../http/draining.js';
import { parseInput } from '../http/parse.js';
import { Route } from '../http/route.js';
import { sendJson } from '../http/send.js';
import { callPatiently, isOutage } from '../mesh-patience.js';
import { encodeBreaker } from './drift-breaker.codec.js';
import { assertDriftIsOn } from './drift-gate.js';
import { decodeRemediateRequest, encodeRemediation, remediationHttpStatus } from './drift-remediate.codec.js';
import { RemediationParams, RemediationQuery, RemediationsQuery, remediationRoutes } from './drift-remediate.routes.js';
import { readTargets } from './remediation-targets.js';

/** How long the start is tried again while the mesh is away: it has a key, so it starts nothing twice. */
const startPatienceMs = 2_000;

@Controller()
export class DriftRemediateController {
  constructor(
    private readonly mesh: Mesh,
    private readonly draining: Draining,
    private readonly options: GatewayOptions,
  ) {}

  @Route(remediationRoutes.remediate)
  async remediate(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<FastifyReply> {
    assertDriftIsOn(this.options, 'remediation');
    const wanted = decodeRemediateRequest(Buffer.isBuffer(request.body) ? request.body : undefined);
    const idempotencyKey = idempotencyKeyOf(request.headers) ?? randomUUID();
    const signal = this.draining.endOf(reply.raw, 'answers');
    this.draining.hold(reply.raw);

    this.draining.assertAccepting();
    const started = await callPatiently(
      this.mesh,
      remediations.start,
      { ...wanted, idempotencyKey },
      { patienceMs: startPatienceMs },
    );
    const { id, runId } = started.remediation;
    reply.header('location', runId === null ? `/api/drift/remediate/${id}` : `/api/runs/${runId}`);
    if (prefersAsync(request.headers)) {
      return sendJson(reply.header('preference-applied', 'respond-async'), 202, { id });
    }
    const remediation = await this.untilOver(id, signal);
    return this.send(reply, remediationHttpStatus(remediation), remediation);
  }

  @Route(remediationRoutes.get)
  async get(@Param() params: unknown, @Query() query: unknown, @Res() reply: FastifyReply): Promise<FastifyReply> {
    assertDriftIsOn(this.options, 'remediation');
    const { id } = parseInput(RemediationParams, params);
    const { repository } = parseInput(RemediationQuery, query);
    const remediation = await this.mesh.call(remediations.get, { id });
    if (repository !== undefined && repository.toLowerCase() !== remediation.repository.toLowerCase()) {
      throw new AppError('NOT_FOUND', `remediation ${id} does not exist`);
    }
    return this.send(reply, 200, remediation);
  }

  @Route(remediationRoutes.list)
  async list(@Query() query: unknown, @Res() reply: FastifyReply): Promise<FastifyReply> {
    assertDriftIsOn(this.options, 'remediation');
    const { repository, limit } = parseInput(RemediationsQuery, query);
    const found = await this.mesh.call(remediations.list, { repository: repository ?? null, limit });
    return sendStream(reply, 200, this.encodeList(repository, found.remediations));
  }

  @Route(remediationRoutes.getBreaker)
  async getBreaker(@Res() reply: FastifyReply): Promise<FastifyReply> {
    assertDriftIsOn(this.options, 'remediation');
    return sendJson(reply, 200, encodeBreaker(await this.mesh.call(driftBreaker.get, {})));
  }

  @Route(remediationRoutes.closeBreaker)
  async closeBreaker(@Res() reply: FastifyReply): Promise<FastifyReply> {
    assertDriftIsOn(this.options, 'remediation');
    return sendJson(reply, 200, encodeBreaker(await this.mesh.call(driftBreaker.close, {})));
  }

  /** UNAVAILABLE, with its id, when this gateway stops or the mesh stays away too long; it goes on then. */
  private async untilOver(id: string, signal: AbortSignal): Promise<Remediation> {
    const patience = { patienceMs: this.options.meshPatienceMs, signal };
    try {
      for (;;) {
        const remediation = await callPatiently(this.mesh, remediations.wait, { id, waitMs: maxWaitMs }, patience);
        if (remediation.completedAt !== null) return remediation;
      }
    } catch (cause) {
      if (!isOutage(cause)) throw cause;
      const reason = this.draining.isOutOfTime ? 'this server is shutting down' : 'its state cannot be read';
      const where = `ask for it at /api/drift/remediate/${id}`;
      throw new AppError('UNAVAILABLE', `${reason}; remediation ${id} goes on, ${where}`, { cause });
    }
  }

  private send(reply: FastifyReply, httpStatus: number, remediation: Remediation): FastifyReply {
    const patience = { patienceMs: this.options.meshPatienceMs };
    const targets = readTargets(this.mesh, { id: remediation.id, texts: 'with' }, patience);
    return sendStream(reply, httpStatus, encodeRemediation(remediation, targets));
  }

  private async *encodeList(repository: string | undefined, found: readonly Remediation[]): AsyncGenerator<string> {
    const head = { ...(repository === undefined ? {} : { repository }), count: found.length };
    yield `${encodeGoJson(head).slice(0, -1)},"results":[`;
    const patience = { patienceMs: this.options.meshPatienceMs };
    let separator = '';
    for (const remediation of found) {
      yield separator;
      yield* encodeRemediation(
        remediation,
        readTargets(this.mesh, { id: remediation.id, texts: 'without' }, patience),
        '',
      );
      separator = ',';
    }
    yield ']}\n';
  }
}

function sendStream(reply: FastifyReply, httpStatus: number, body: AsyncIterable<string>): FastifyReply {
  return reply.code(httpStatus).header('content-type', 'application/json').send(Readable.from(body));
}
