// The one place where an error becomes an HTTP answer (tRPC has its own, in the router).
import { ArgumentsHost, Catch, ExceptionFilter, Inject, Injectable } from '@nestjs/common';
import { LOGGER, type Logger } from '@terramesh/service';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { acceptsBasic } from './credentials.js';
import { answerTo, encodeErrorBody, isJsonApi } from './error-answer.js';
import type { RouteSettings } from './route.js';
import { RouteRegistry } from './route-registry.js';
import { pathOf, sendPlain, sendText } from './send.js';

@Injectable()
@Catch()
export class ErrorFilter implements ExceptionFilter {
  constructor(
    private readonly registry: RouteRegistry,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    if (request.is404) {
      this.answerUnmatched(request, reply);
      return;
    }
    const answer = answerTo(error, request.id);
    if (answer.isBug) this.logger.error({ err: error, requestId: request.id }, 'a request failed');
    if (reply.sent || reply.raw.headersSent) {
      reply.raw.destroy();
      return;
    }
    const { access } = request.routeOptions.config as Partial<RouteSettings>;
    if (answer.httpStatus === 401 && access !== undefined && acceptsBasic(access)) {
      reply.header('www-authenticate', 'Basic realm="terramesh", charset="UTF-8"');
    }
    sendText(reply, answer.httpStatus, encodeErrorBody(pathOf(request), answer));
  }

  private answerUnmatched(request: FastifyRequest, reply: FastifyReply): void {
    const path = pathOf(request);
    // As Terraform Enterprise does: there, what is not served is not found.
    const allowed = isJsonApi(path) ? [] : this.registry.methodsOf(path);
    const [httpStatus, message] = allowed.length > 0 ? [405, 'method not allowed'] : [404, 'not found'];
    if (allowed.length > 0) reply.header('allow', allowed.join(', '));
    if (path.startsWith('/api/')) sendText(reply, httpStatus, encodeErrorBody(path, { httpStatus, message }));
    else sendPlain(reply, httpStatus, httpStatus === 404 ? '404 page not found' : message);
  }
}
