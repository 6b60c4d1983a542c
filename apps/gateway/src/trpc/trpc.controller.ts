import type { ServerResponse } from 'node:http';
import { Controller, Inject, Req, Res } from '@nestjs/common';
import {
  createTerrameshRouter,
  errorMeanings,
  isAppError,
  type Operation,
  type OperationInput,
  type OperationOutput,
  type RouterContext,
  runs,
} from '@terramesh/contracts';
import { Mesh } from '@terramesh/mesh';
import { LOGGER, type Logger } from '@terramesh/service';
import { TRPCError } from '@trpc/server';
import { fastifyRequestHandler } from '@trpc/server/adapters/fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RunStarter } from '../atlantis/run-starter.js';
import { GatewayOptions } from '../gateway.options.js';
import { authorize } from '../http/credentials.js';
import { Draining } from '../http/draining.js';
import { Route } from '../http/route.js';
import { trpcRoutes } from './trpc.routes.js';

const maxBatchSize = 20;

@Controller()
export class TrpcController {
  private readonly router = createTerrameshRouter();

  constructor(
    private readonly mesh: Mesh,
    private readonly starter: RunStarter,
    private readonly draining: Draining,
    private readonly options: GatewayOptions,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  @Route(trpcRoutes.query)
  query(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.handle(request, reply);
  }

  @Route(trpcRoutes.mutation)
  mutate(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.handle(request, reply);
  }

  private handle(req: FastifyRequest, res: FastifyReply): Promise<void> {
    if (Buffer.isBuffer(req.body)) req.body = req.body.toString('utf8');
    return fastifyRequestHandler({
      router: this.router,
      req,
      res,
      path: (req.params as { procedure: string }).procedure,
      createContext: () => this.contextOf(req, res),
      maxBatchSize,
      onError: ({ error, path }) => {
        if (error.code !== 'INTERNAL_SERVER_ERROR') return;
        this.logger.error({ err: error, requestId: req.id, procedure: path }, 'a tRPC call failed');
      },
    });
  }

  private contextOf(request: FastifyRequest, reply: FastifyReply): RouterContext {
    try {
      authorize('token', request.headers, this.options);
    } catch (cause) {
      if (!isAppError(cause)) throw cause;
      throw new TRPCError({ code: errorMeanings[cause.code].trpc, message: cause.message, cause });
    }
    return { requestId: request.id, call: (operation, input) => this.call(operation, input, reply.raw) };
  }

  private call<T extends Operation>(
    operation: T,
    input: OperationInput<T>,
    response: ServerResponse,
  ): Promise<OperationOutput<T>> {
    if (operation.subject === runs.start.subject) {
      return this.starter.start(input as OperationInput<typeof runs.start>) as Promise<OperationOutput<T>>;
    }
    // Whoever is held open comes back: to another gateway when this one stops.
    const isHeldOpen = operation.subject === runs.wait.subject || operation.subject === runs.logs.subject;
    const signal = this.draining.endOf(response, isHeldOpen ? 'streams' : 'answers');
    return this.mesh.call(operation, input, { signal });
  }
}
