// The client side: typed calls and events.
import { Injectable } from '@nestjs/common';
import {
  AppError,
  type ErrorCode,
  type EventContract,
  isAppError,
  type Operation,
  type OperationInput,
  type OperationOutput,
} from '@terramesh/contracts';
import type { z } from 'zod';
import { parseInput, parseOutput } from './check.js';
import type { MeshLink } from './link.js';
import { repeatUntilAnswered } from './repeat.js';
import { currentRequestContext } from './request-context.js';
import { decodeAnswer, encodeContext, encodeJson } from './wire.js';

export interface CallOptions {
  /** Instead of the operation's own timeout. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

@Injectable()
export class Mesh {
  constructor(
    private readonly link: MeshLink,
    private readonly serviceName: string,
  ) {}

  /**
   * Waits for the answer at most `timeoutMs`, and never past the deadline of the request context. Rejects only with
   * AppError. An idempotent operation is repeated on UNAVAILABLE and TIMEOUT within that time; any other is sent once,
   * so that TIMEOUT then means: it may have happened.
   */
  async call<T extends Operation>(
    operation: T,
    input: OperationInput<T>,
    options: CallOptions = {},
  ): Promise<OperationOutput<T>> {
    const startedAt = Date.now();
    let outcome: 'ok' | ErrorCode = 'ok';
    try {
      parseInput(operation.subject, operation.input, input);
      const output = await this.send(operation, encodeJson(input), startedAt, options);
      return parseOutput<T['output']>(operation.subject, operation.output, output);
    } catch (error) {
      const known = isAppError(error) ? error : this.unexpected(operation.subject, error);
      outcome = known.code;
      throw known;
    } finally {
      this.link.observer?.called({ subject: operation.subject, outcome, durationMs: Date.now() - startedAt });
    }
  }

  /**
   * Resolves when the event was sent; for `one-per-service`, when the broker has it. Rejects with UNAVAILABLE when it
   * was not, INVALID or TOO_LARGE when it cannot be. Nobody is told whether anyone received it.
   */
  async publish<T extends EventContract>(event: T, payload: z.input<T['payload']>): Promise<void> {
    parseInput(event.subject, event.payload, payload);
    const body = encodeJson(payload);
    this.refuseTooLarge(event.subject, body);
    const headers = encodeContext(currentRequestContext(), undefined);
    const until = event.delivery === 'one-per-service' ? 'broker-has-it' : 'sent';
    await this.link.publish({ subject: event.subject, body, headers, until });
  }

  private async send(operation: Operation, body: string, startedAt: number, options: CallOptions): Promise<unknown> {
    this.refuseTooLarge(operation.subject, body);
    const context = currentRequestContext();
    const ownDeadlineAt = startedAt + (options.timeoutMs ?? operation.timeoutMs);
    const deadlineAt = Math.min(ownDeadlineAt, context?.deadlineAt ?? ownDeadlineAt);
    const attempt = async (timeoutMs: number, signal: AbortSignal): Promise<unknown> => {
      if (timeoutMs <= 0) throw new AppError('TIMEOUT', `no time was left to call ${operation.subject}`);
      const answer = await this.link.request({
        subject: operation.subject,
        body,
        headers: encodeContext(context, timeoutMs),
        timeoutMs,
        signal,
        onLostConnection: operation.idempotent ? 'fail' : 'wait',
      });
      return decodeAnswer(operation.subject, answer);
    };
    const signal = options.signal ?? new AbortController().signal;
    return operation.idempotent
      ? repeatUntilAnswered(attempt, deadlineAt, signal)
      : attempt(deadlineAt - Date.now(), signal);
  }

  private refuseTooLarge(subject: string, body: string): void {
    const sizeBytes = Buffer.byteLength(body);
    const limitBytes = this.link.maxPayloadBytes - headerRoomBytes;
    if (sizeBytes <= limitBytes) return;
    throw new AppError('TOO_LARGE', `the message for ${subject} has ${sizeBytes} bytes; at most ${limitBytes} fit`);
  }

  private unexpected(subject: string, error: unknown): AppError {
    this.link.logger.error(
      { err: error, subject, service: this.serviceName, requestId: currentRequestContext()?.requestId },
      'a call failed',
    );
    return new AppError('INTERNAL', `the call of ${subject} failed`, { cause: error });
  }
}

/** The broker counts headers as payload; ours are shorter than this. */
const headerRoomBytes = 1024;
