// What happens to one message: context, parsed input, handler, checked output, answer. Never rejects.
import type { MessageHandler } from '@nestjs/microservices';
import { AppError, type ErrorCode, type EventContract, isAppError, type Operation } from '@terramesh/contracts';
import { isObservable, lastValueFrom } from 'rxjs';
import { parseInput, parseOutput } from './check.js';
import type { MeshLink, MeshMessage } from './link.js';
import { runInRequestContext } from './request-context.js';
import { decodeContext, encodeError, encodeOutput, parseJson } from './wire.js';

/** How long an answer waits for a lost connection when the caller named no deadline. */
const defaultRespondMs = 10_000;

interface Delivery {
  readonly link: MeshLink;
  readonly handler: MessageHandler;
  readonly message: MeshMessage;
}

export async function answer(delivery: Delivery & { operation: Operation }): Promise<void> {
  const { link, handler, message, operation } = delivery;
  const { subject } = operation;
  const startedAt = Date.now();
  const context = decodeContext(message.headers, startedAt);
  await runInRequestContext(context, async () => {
    let outcome: 'ok' | ErrorCode = 'ok';
    let body: string;
    try {
      const input = parseInput(subject, operation.input, parseJson(message.body));
      const output = await run(handler, input);
      parseOutput(subject, operation.output, output);
      body = encodeOutput(output);
      refuseTooLarge(subject, body, link.maxPayloadBytes);
    } catch (error) {
      const known = isAppError(error) ? error : masked(subject);
      if (known !== error) link.logger.error({ err: error, subject, requestId: context.requestId }, 'a handler failed');
      outcome = known.code;
      body = encodeError(known, link.maxPayloadBytes);
    }
    link.observer?.served({ subject, outcome, durationMs: Date.now() - startedAt });
    const respondMs = context.deadlineAt === undefined ? defaultRespondMs : context.deadlineAt - Date.now();
    await message.respond?.(body, Math.max(0, respondMs)).catch((error: unknown) => {
      link.logger.warn({ err: error, subject, requestId: context.requestId }, 'an answer could not be sent');
    });
  });
}

export async function receive(delivery: Delivery & { event: EventContract }): Promise<void> {
  const { link, handler, message, event } = delivery;
  const { subject } = event;
  const startedAt = Date.now();
  const context = decodeContext(message.headers, startedAt);
  await runInRequestContext(context, async () => {
    let outcome: 'ok' | ErrorCode = 'ok';
    try {
      await run(handler, parseInput(subject, event.payload, parseJson(message.body)));
    } catch (error) {
      outcome = isAppError(error) ? error.code : 'INTERNAL';
      link.logger.error({ err: error, subject, requestId: context.requestId }, 'an event handler failed');
    }
    link.observer?.served({ subject, outcome, durationMs: Date.now() - startedAt });
  });
}

/** Nest wraps what interceptors, filters and several handlers of one event return into observables. */
async function run(handler: MessageHandler, input: unknown): Promise<unknown> {
  const result: unknown = await handler(input);
  return isObservable(result) ? lastValueFrom(result, { defaultValue: undefined }) : result;
}

function masked(subject: string): AppError {
  return new AppError('INTERNAL', `${subject} failed for an internal reason; the log of the service has it`);
}

function refuseTooLarge(subject: string, body: string, limitBytes: number): void {
  const sizeBytes = Buffer.byteLength(body);
  if (sizeBytes <= limitBytes) return;
  throw new AppError('TOO_LARGE', `the answer of ${subject} has ${sizeBytes} bytes; at most ${limitBytes} fit`);
}
