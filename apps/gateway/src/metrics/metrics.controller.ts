import { Controller, Inject, Res } from '@nestjs/common';
import type { Metrics } from '@terramesh/service';
import type { FastifyReply } from 'fastify';
import { Route } from '../http/route.js';
import { sendText } from '../http/send.js';
import { metricsRoutes } from './metrics.routes.js';

/** The Nest token of the process' Metrics. */
export const METRICS = Symbol('gateway.metrics');

@Controller()
export class MetricsController {
  constructor(@Inject(METRICS) private readonly metrics: Metrics) {}

  @Route(metricsRoutes.text)
  async text(@Res() reply: FastifyReply): Promise<FastifyReply> {
    return sendText(reply, 200, { contentType: this.metrics.contentType, body: await this.metrics.text() });
  }
}
