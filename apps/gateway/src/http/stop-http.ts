import { setTimeout as delay } from 'node:timers/promises';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Draining } from './draining.js';

/** Share of the time that callers may go on waiting for their runs; the rest is for their answers to leave. */
const waitShare = 0.8;
const farewellShare = 0.1;

/** No new runs and no streams at once, then answers go out, then the listener closes; `timeoutMs` in all. */
export async function stopHttp(app: NestFastifyApplication, draining: Draining, timeoutMs: number): Promise<void> {
  draining.begin();
  await atMost(draining.idle(), timeoutMs * waitShare);
  draining.giveUp();
  await atMost(draining.idle(), timeoutMs * farewellShare);
  const closed = app.close();
  await atMost(closed, (timeoutMs * farewellShare) / 2);
  // Whoever has not read by now will not.
  app.getHttpServer().closeAllConnections();
  await closed;
}

/** Resolves with the promise or when the time is over. */
async function atMost(promise: Promise<void>, timeoutMs: number): Promise<void> {
  const over = new AbortController();
  await Promise.race([promise, delay(timeoutMs, undefined, { signal: over.signal }).catch(() => undefined)]);
  over.abort();
}
