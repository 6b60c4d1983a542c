// The tRPC router of the gateway: the operations that people and other services may call, under the names they see.
import { initTRPC, TRPCError } from '@trpc/server';
import { ZodError, z } from 'zod';
import { type ErrorCode, errorMeanings, isAppError } from './errors.js';
import { locks } from './locks.js';
import type { Operation, OperationInput, OperationOutput } from './operation.js';
import { runs } from './runs.js';
import { StartRun } from './start-run.js';

export interface RouterContext {
  /** Calls an operation over the mesh; rejects with AppError. */
  call<T extends Operation>(operation: T, input: OperationInput<T>): Promise<OperationOutput<T>>;
  /** Names this request in logs; shown with errors that hide their cause. */
  readonly requestId: string;
}

/** What a client reads from an error, beside tRPC's own `code` and `httpStatus`. */
export interface RouterErrorFacts {
  readonly errorCode: ErrorCode;
  readonly details: unknown;
}

function factsOf(error: TRPCError): RouterErrorFacts & { message: string } {
  const { cause } = error;
  if (isAppError(cause)) return { errorCode: cause.code, message: cause.message, details: cause.details };
  if (cause instanceof ZodError)
    return { errorCode: 'INVALID', message: z.prettifyError(cause), details: cause.issues };
  const known = (Object.keys(errorMeanings) as ErrorCode[]).find((code) => errorMeanings[code].trpc === error.code);
  return { errorCode: known ?? 'INVALID', message: error.message, details: undefined };
}

const t = initTRPC.context<RouterContext>().create({
  isDev: false,
  errorFormatter({ shape, error, ctx }) {
    const { message, ...facts } = factsOf(error);
    const { stack: _hidden, ...data } = shape.data;
    const hides = error.code === 'INTERNAL_SERVER_ERROR';
    return {
      ...shape,
      message: hides ? `internal error (request ${ctx?.requestId ?? 'unknown'})` : message,
      data: { ...data, errorCode: facts.errorCode, details: hides ? undefined : facts.details },
    };
  },
});

const procedure = t.procedure.use(async ({ next }) => {
  const result = await next();
  if (result.ok || !isAppError(result.error.cause)) return result;
  const { cause } = result.error;
  throw new TRPCError({ code: errorMeanings[cause.code].trpc, message: cause.message, cause });
});

const StartInput = z
  .object(StartRun.shape)
  .omit({ kind: true, origin: true, expectedCommit: true, everyTarget: true, limits: true });

/** The router; its procedures only forward to the mesh. Who may call is decided where the context is made. */
export function createTerrameshRouter() {
  return t.router({
    runs: t.router({
      startPlan: procedure
        .input(StartInput)
        .mutation(({ ctx, input }) => ctx.call(runs.start, { ...input, kind: 'plan' })),
      startApply: procedure
        .input(StartInput)
        .mutation(({ ctx, input }) => ctx.call(runs.start, { ...input, kind: 'apply' })),
      get: procedure.input(runs.get.input).query(({ ctx, input }) => ctx.call(runs.get, input)),
      list: procedure.input(runs.list.input).query(({ ctx, input }) => ctx.call(runs.list, input)),
      wait: procedure.input(runs.wait.input).query(({ ctx, input }) => ctx.call(runs.wait, input)),
      cancel: procedure.input(runs.cancel.input).mutation(({ ctx, input }) => ctx.call(runs.cancel, input)),
      logs: procedure.input(runs.logs.input).query(({ ctx, input }) => ctx.call(runs.logs, input)),
      results: procedure.input(runs.results.input).query(({ ctx, input }) => ctx.call(runs.results, input)),
    }),
    locks: t.router({
      list: procedure.input(locks.list.input).query(({ ctx, input }) => ctx.call(locks.list, input)),
      /** Deletes a lock by its name; its plan is discarded. */
      release: procedure.input(locks.delete.input).mutation(({ ctx, input }) => ctx.call(locks.delete, input)),
    }),
  });
}

export type TerrameshRouter = ReturnType<typeof createTerrameshRouter>;
