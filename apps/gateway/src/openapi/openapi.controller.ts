import { Controller, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { GatewayOptions } from '../gateway.options.js';
import { gatewayRoutes } from '../gateway.routes.js';
import { Route } from '../http/route.js';
import { sendJson } from '../http/send.js';
import { openApiRoutes } from './openapi.routes.js';
import { openApiDocument } from './openapi-document.js';

@Controller()
export class OpenApiController {
  private document: object | undefined;

  constructor(private readonly options: GatewayOptions) {}

  @Route(openApiRoutes.document)
  get(@Res() reply: FastifyReply): FastifyReply {
    this.document ??= openApiDocument(gatewayRoutes, this.options);
    return sendJson(reply, 200, this.document);
  }
}
