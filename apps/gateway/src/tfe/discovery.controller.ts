import { Controller, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Route } from '../http/route.js';
import { sendJson } from '../http/send.js';
import { discoveryRoutes } from './discovery.routes.js';
import { sendNothing } from './send-document.js';

/** Paths are resolved against this address, and need their last slash. State is not served here, nor is a registry. */
const services = { 'tfe.v2': '/api/v2/', 'tfe.v2.1': '/api/v2/', 'tfe.v2.2': '/api/v2/' };

@Controller()
export class DiscoveryController {
  @Route(discoveryRoutes.discover)
  discover(@Res() reply: FastifyReply): FastifyReply {
    return sendJson(reply, 200, services);
  }

  @Route(discoveryRoutes.ping)
  ping(@Res() reply: FastifyReply): FastifyReply {
    return sendNothing(reply);
  }
}
