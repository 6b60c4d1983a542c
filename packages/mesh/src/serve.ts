// The decorators of controllers: they tie a method to an operation or event, and the compiler checks the method against it.
import { ArgumentsHost, applyDecorators, Catch, RpcExceptionFilter, UseFilters } from '@nestjs/common';
import { EventPattern, MessagePattern } from '@nestjs/microservices';
import type { EventContract, EventPayload, HandlerResult, Operation, ParsedInput } from '@terramesh/contracts';
import { type Observable, throwError } from 'rxjs';
import { z } from 'zod';

type Handler<I, R> = (input: I) => R | Promise<R>;

/** Serves an operation: the method gets the parsed input; what it returns is checked; what it throws reaches the caller. */
export function Serve<T extends Operation>(operation: T) {
  return <F extends Handler<ParsedInput<T>, HandlerResult<T>>>(
    target: object,
    key: string | symbol,
    descriptor: TypedPropertyDescriptor<F>,
  ): void => {
    applyDecorators(UseFilters(errorsUnchanged), MessagePattern(operation.subject, { contract: operation }))(
      target,
      key,
      descriptor,
    );
  };
}

/** Receives an event, parsed. An error is logged and the event is not delivered again: whoever needs it polls. */
export function Subscribe<T extends EventContract>(event: T) {
  return <F extends Handler<EventPayload<T>, void>>(
    target: object,
    key: string | symbol,
    descriptor: TypedPropertyDescriptor<F>,
  ): void => {
    applyDecorators(UseFilters(errorsUnchanged), EventPattern<string>(event.subject, { contract: event }))(
      target,
      key,
      descriptor,
    );
  };
}

/** The strategy turns errors into answers; Nest's own filter would mask them first. */
@Catch()
class ErrorsUnchanged implements RpcExceptionFilter<unknown> {
  catch(error: unknown, _host: ArgumentsHost): Observable<never> {
    return throwError(() => error);
  }
}
const errorsUnchanged = new ErrorsUnchanged();

const Extras = z.object({
  contract: z.custom<Operation | EventContract>(
    (value) => typeof value === 'object' && value !== null && 'kind' in value && 'subject' in value,
  ),
});

/** The contract that `Serve` or `Subscribe` left on a handler; undefined for a bare `@MessagePattern`. */
export function contractOf(extras: unknown): Operation | EventContract | undefined {
  return Extras.safeParse(extras).data?.contract;
}
