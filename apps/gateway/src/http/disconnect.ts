import type { FastifyReply } from 'fastify';

/** Aborted when the reader hangs up before the answer is complete. */
export function disconnectOf(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.abort();
  });
  return gone.signal;
}
