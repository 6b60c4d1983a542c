import { Controller, Param, Query, Req, Res } from '@nestjs/common';
import { driftWebhooks } from '@terramesh/contracts';
import { Mesh } from '@terramesh/mesh';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { GatewayOptions } from '../gateway.options.js';
import { parseInput } from '../http/parse.js';
import { Route } from '../http/route.js';
import { sendJson } from '../http/send.js';
import { assertDriftIsOn } from './drift-gate.js';
import { decodeNewWebhook, decodeWebhookChanges, encodeDelivery, encodeWebhook } from './drift-webhooks.codec.js';
import { DeliveriesQuery, PageQuery, WebhookParams, webhookRoutes } from './drift-webhooks.routes.js';

@Controller()
export class DriftWebhooksController {
  constructor(
    private readonly mesh: Mesh,
    private readonly options: GatewayOptions,
  ) {}

  @Route(webhookRoutes.list)
  async list(@Query() query: unknown, @Res() reply: FastifyReply): Promise<FastifyReply> {
    assertDriftIsOn(this.options, 'detection');
    const { limit, after = null } = parseInput(PageQuery, query);
    const { webhooks, next } = await this.mesh.call(driftWebhooks.list, { limit, after });
    return sendJson(reply, 200, { webhooks: webhooks.map(encodeWebhook), next });
  }

  @Route(webhookRoutes.create)
  async create(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<FastifyReply> {
    assertDriftIsOn(this.options, 'detection');
    const webhook = await this.mesh.call(driftWebhooks.create, decodeNewWebhook(request.body));
    return sendJson(reply.header('location', `/api/drift/webhooks/${webhook.id}`), 201, encodeWebhook(webhook));
  }

  @Route(webhookRoutes.get)
  async get(@Param() params: unknown, @Res() reply: FastifyReply): Promise<FastifyReply> {
    const webhookId = this.idOf(params);
    return sendJson(reply, 200, encodeWebhook(await this.mesh.call(driftWebhooks.get, { webhookId })));
  }

  @Route(webhookRoutes.update)
  async update(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<FastifyReply> {
    const webhookId = this.idOf(request.params);
    const changes = decodeWebhookChanges(request.body);
    return sendJson(reply, 200, encodeWebhook(await this.mesh.call(driftWebhooks.update, { webhookId, ...changes })));
  }

  @Route(webhookRoutes.delete)
  async delete(@Param() params: unknown, @Res() reply: FastifyReply): Promise<FastifyReply> {
    await this.mesh.call(driftWebhooks.delete, { webhookId: this.idOf(params) });
    return reply.code(204).send();
  }

  @Route(webhookRoutes.test)
  async test(@Param() params: unknown, @Res() reply: FastifyReply): Promise<FastifyReply> {
    const webhookId = this.idOf(params);
    const { outcome, httpStatus, problem } = await this.mesh.call(driftWebhooks.test, { webhookId });
    return sendJson(reply, 200, { delivered: outcome === 'delivered', http_status: httpStatus, problem });
  }

  @Route(webhookRoutes.deliveriesOf)
  async deliveriesOf(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<FastifyReply> {
    const webhookId = this.idOf(request.params);
    return await this.sendDeliveries(reply, webhookId, request.query);
  }

  @Route(webhookRoutes.deliveries)
  async deliveries(@Query() query: unknown, @Res() reply: FastifyReply): Promise<FastifyReply> {
    assertDriftIsOn(this.options, 'detection');
    return await this.sendDeliveries(reply, null, query);
  }

  @Route(webhookRoutes.redeliver)
  async redeliver(@Param() params: unknown, @Res() reply: FastifyReply): Promise<FastifyReply> {
    const deliveryId = this.idOf(params);
    return sendJson(reply, 202, encodeDelivery(await this.mesh.call(driftWebhooks.redeliver, { deliveryId })));
  }

  private async sendDeliveries(reply: FastifyReply, webhookId: string | null, query: unknown): Promise<FastifyReply> {
    const { limit, after = null, status = null } = parseInput(DeliveriesQuery, query);
    const page = await this.mesh.call(driftWebhooks.listDeliveries, { webhookId, limit, after, status });
    return sendJson(reply, 200, { deliveries: page.deliveries.map(encodeDelivery), next: page.next });
  }

  private idOf(params: unknown): string {
    assertDriftIsOn(this.options, 'detection');
    return parseInput(WebhookParams, params).id;
  }
}
