import { Controller, Res } from '@nestjs/common';
import { runs } from '@terramesh/contracts';
import { Mesh } from '@terramesh/mesh';
import { Readiness } from '@terramesh/service';
import type { FastifyReply } from 'fastify';
import { GatewayOptions } from '../gateway.options.js';
import { Draining } from '../http/draining.js';
import { Route } from '../http/route.js';
import { sendIndentedJson } from '../http/send.js';
import { statusRoutes } from './status.routes.js';

/** Probes ask often and wait little. */
const countTimeoutMs = 3_000;

@Controller()
export class StatusController {
  constructor(
    private readonly mesh: Mesh,
    private readonly draining: Draining,
    private readonly readiness: Readiness,
    private readonly options: GatewayOptions,
  ) {}

  @Route(statusRoutes.status)
  async status(@Res() reply: FastifyReply): Promise<FastifyReply> {
    const { inProgress } = await this.mesh.call(runs.countInProgress, {}, { timeoutMs: countTimeoutMs });
    return sendIndentedJson(reply, 200, {
      shutting_down: this.draining.isDraining,
      in_progress_operations: inProgress,
      version: this.options.version,
    });
  }

  @Route(statusRoutes.healthz)
  healthz(@Res() reply: FastifyReply): FastifyReply {
    return sendIndentedJson(reply, 200, { status: 'ok' });
  }

  @Route(statusRoutes.readyz)
  async readyz(@Res() reply: FastifyReply): Promise<FastifyReply> {
    const report = await this.readiness.report();
    return sendIndentedJson(reply, report.status === 'ok' ? 200 : 503, report);
  }
}
