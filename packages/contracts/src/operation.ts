// What an operation and an event are. Declared once here; handlers and callers are checked against it, at compile and at run time.
import type { ZodType, z } from 'zod';

export interface Operation<I extends ZodType = ZodType, O extends ZodType = ZodType> {
  readonly kind: 'operation';
  /** `<service>.<verb>`: also the NATS subject. The part before the first dot is the queue group that serves it. */
  readonly subject: string;
  readonly input: I;
  readonly output: O;
  /** How long a caller waits for the answer, in ms. */
  readonly timeoutMs: number;
  /** True when repeating the call has the effect of one call; only such calls are retried by the mesh. */
  readonly idempotent: boolean;
}

export type OperationInput<T extends Operation> = z.input<T['input']>;
/** What a handler receives: the input after parsing. */
export type ParsedInput<T extends Operation> = z.output<T['input']>;
/** What a handler returns: the output before it is checked. */
export type HandlerResult<T extends Operation> = z.input<T['output']>;
export type OperationOutput<T extends Operation> = z.output<T['output']>;

/** Who receives an event: every running instance (a doorbell), or one instance of each subscribing service (work). */
export type EventDelivery = 'every-instance' | 'one-per-service';

export interface EventContract<P extends ZodType = ZodType> {
  readonly kind: 'event';
  readonly subject: string;
  readonly payload: P;
  readonly delivery: EventDelivery;
}

export type EventPayload<T extends EventContract> = z.output<T['payload']>;

const defaultTimeoutMs = 10_000;

export function operation<I extends ZodType, O extends ZodType>(declaration: {
  subject: string;
  input: I;
  output: O;
  timeoutMs?: number;
  idempotent?: boolean;
}): Operation<I, O> {
  return {
    kind: 'operation',
    subject: declaration.subject,
    input: declaration.input,
    output: declaration.output,
    timeoutMs: declaration.timeoutMs ?? defaultTimeoutMs,
    idempotent: declaration.idempotent ?? false,
  };
}

export function event<P extends ZodType>(declaration: {
  subject: string;
  payload: P;
  delivery: EventDelivery;
}): EventContract<P> {
  return { kind: 'event', ...declaration };
}
