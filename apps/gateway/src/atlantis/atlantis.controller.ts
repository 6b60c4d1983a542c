import { Readable } from 'node:stream';
import { Controller, Req, Res } from '@nestjs/common';
import type { RunKind } from '@terramesh/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { GatewayOptions } from '../gateway.options.js';
import { Draining } from '../http/draining.js';
import { Route } from '../http/route.js';
import { sendJson } from '../http/send.js';
import { atlantisRoutes } from './atlantis.routes.js';
import { FinishedRuns } from './finished-runs.js';
import { idempotencyKeyOf, prefersAsync } from './run-headers.js';
import { decodeRunRequest } from './run-request.codec.js';
import { earlyEndOf, encodeRunResult, runHttpStatus } from './run-result.codec.js';
import { RunStarter } from './run-starter.js';

/** So many pieces of the body are made before the status is sent: up to and with the first target. */
const firstPieces = 2;

@Controller()
export class AtlantisController {
  constructor(
    private readonly starter: RunStarter,
    private readonly finishedRuns: FinishedRuns,
    private readonly draining: Draining,
    private readonly options: GatewayOptions,
  ) {}

  @Route(atlantisRoutes.plan)
  plan(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<FastifyReply> {
    return this.run('plan', request, reply);
  }

  @Route(atlantisRoutes.apply)
  apply(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<FastifyReply> {
    return this.run('apply', request, reply);
  }

  private async run(kind: RunKind, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const requested = decodeRunRequest(Buffer.isBuffer(request.body) ? request.body : undefined);
    const idempotencyKey = idempotencyKeyOf(request.headers) ?? null;
    const signal = this.draining.endOf(reply.raw, 'answers');
    this.draining.hold(reply.raw);

    const { runId } = await this.starter.start({ ...requested, kind, idempotencyKey });
    reply.header('location', `/api/runs/${runId}`);
    if (prefersAsync(request.headers)) {
      return sendJson(reply.header('preference-applied', 'respond-async'), 202, { id: runId });
    }
    const { run, texts } = await this.finishedRuns.wait(runId, signal);
    const earlyEnd = earlyEndOf(run);
    if (earlyEnd) return sendJson(reply, earlyEnd.httpStatus, { error: earlyEnd.message });

    const body = await prefetch(encodeRunResult(run, (executionId) => texts.of(executionId), this.options));
    return reply.code(runHttpStatus(run)).header('content-type', 'application/json').send(Readable.from(body));
  }
}

/** Makes the first pieces now, so that their failure can still become the answer. */
async function prefetch(pieces: AsyncGenerator<string>): Promise<AsyncIterable<string>> {
  const ready: string[] = [];
  for (let count = 0; count < firstPieces; count += 1) {
    const { done, value } = await pieces.next();
    if (!done) ready.push(value);
  }
  return (async function* () {
    yield* ready;
    yield* pieces;
  })();
}
