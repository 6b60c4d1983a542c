import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { Controller, Param, Query, Req, Res } from '@nestjs/common';
import { AppError, type DetectedTarget, type Detection, driftDetections, maxWaitMs } from '@terramesh/contracts';
import { Mesh } from '@terramesh/mesh';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { idempotencyKeyOf, prefersAsync } from '../atlantis/run-headers.js';
import { GatewayOptions } from '../gateway.options.js';
import { Draining } from '../http/draining.js';
import { parseInput } from '../http/parse.js';
import { Route } from '../http/route.js';
import { sendJson } from '../http/send.js';
import { callPatiently, isOutage } from '../mesh-patience.js';
import { decodeDetectRequest, detectionHttpStatus, encodeDetection, encodeListed } from './drift-detect.codec.js';
import { DetectionParams, DetectionsQuery, detectionRoutes } from './drift-detect.routes.js';
import { assertDriftIsOn } from './drift-gate.js';

/** How long the start is tried again while the mesh is away: it has a key, so it starts nothing twice. */
const startPatienceMs = 2_000;

@Controller()
export class DriftDetectController {
  constructor(
    private readonly mesh: Mesh,
    private readonly draining: Draining,
    private readonly options: GatewayOptions,
  ) {}

  @Route(detectionRoutes.detect)
  async detect(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<FastifyReply> {
    assertDriftIsOn(this.options, 'detection');
    const wanted = decodeDetectRequest(Buffer.isBuffer(request.body) ? request.body : undefined);
    const idempotencyKey = idempotencyKeyOf(request.headers) ?? randomUUID();
    const signal = this.draining.endOf(reply.raw, 'answers');
    this.draining.hold(reply.raw);

    this.draining.assertAccepting();
    const { detectionId: id, runId } = await callPatiently(
      this.mesh,
      driftDetections.start,
      { ...wanted, idempotencyKey },
      { patienceMs: startPatienceMs },
    );
    reply.header('location', runId === null ? `/api/drift/detections/${id}` : `/api/runs/${runId}`);
    if (prefersAsync(request.headers)) {
      return sendJson(reply.header('preference-applied', 'respond-async'), 202, { id });
    }
    const detection = await this.untilOver(id, signal);
    return await this.send(reply, detectionHttpStatus(detection), detection);
  }

  @Route(detectionRoutes.list)
  async list(@Query() query: unknown, @Res() reply: FastifyReply): Promise<FastifyReply> {
    assertDriftIsOn(this.options, 'detection');
    const { repository = null, status = null, after = null, limit } = parseInput(DetectionsQuery, query);
    const page = await this.mesh.call(driftDetections.list, { repository, status, after, limit });
    return sendJson(reply, 200, { detections: page.detections.map(encodeListed), next: page.next });
  }

  @Route(detectionRoutes.get)
  async get(@Param() params: unknown, @Res() reply: FastifyReply): Promise<FastifyReply> {
    assertDriftIsOn(this.options, 'detection');
    const { id } = parseInput(DetectionParams, params);
    return await this.send(reply, 200, await this.mesh.call(driftDetections.get, { id }));
  }

  /** UNAVAILABLE, with its id, when this gateway stops or the mesh stays away too long; it goes on then. */
  private async untilOver(id: string, signal: AbortSignal): Promise<Detection> {
    const patience = { patienceMs: this.options.meshPatienceMs, signal };
    try {
      for (;;) {
        const detection = await callPatiently(this.mesh, driftDetections.wait, { id, waitMs: maxWaitMs }, patience);
        if (detection.completedAt !== null) return detection;
      }
    } catch (cause) {
      if (!isOutage(cause)) throw cause;
      const reason = this.draining.isOutOfTime ? 'this server is shutting down' : 'its state cannot be read';
      const where = `ask for it at /api/drift/detections/${id}`;
      throw new AppError('UNAVAILABLE', `${reason}; detection ${id} goes on, ${where}`, { cause });
    }
  }

  /** The first page is read before the status is sent: its failure can still become the answer. */
  private async send(reply: FastifyReply, httpStatus: number, detection: Detection): Promise<FastifyReply> {
    const first = await this.page(detection.id, null);
    const body = encodeDetection(detection, this.targets(detection.id, first));
    return reply.code(httpStatus).header('content-type', 'application/json').send(Readable.from(body));
  }

  private async *targets(id: string, first: TargetsPage): AsyncGenerator<DetectedTarget> {
    let page = first;
    for (;;) {
      yield* page.targets;
      if (page.next === null) return;
      page = await this.page(id, page.next);
    }
  }

  private page(id: string, after: string | null): Promise<TargetsPage> {
    const patience = { patienceMs: this.options.meshPatienceMs };
    return callPatiently(this.mesh, driftDetections.targets, { id, after }, patience);
  }
}

interface TargetsPage {
  readonly targets: DetectedTarget[];
  readonly next: string | null;
}
