// The client: tRPC calls with the errors, waits and repeats that a caller would otherwise write again.
import type { TerrameshRouter } from '@terramesh/contracts';
import { createTRPCClient, type HTTPLinkOptions, httpLink } from '@trpc/client';
import { toClientError } from './client-error.js';
import type { CallOptions, ClientOptions, StartedRun, StartRequest, TerrameshClient } from './client-types.js';
import { followLogs } from './follow-logs.js';
import { repeatWhileAway } from './repeat.js';
import { untilFinished } from './until-finished.js';

/** How long a call that only reads, or that has a key, is repeated while the server is away. */
const outageMs = 120_000;
const startOutageMs = 20_000;
const longPollMs = 5_000;

export function createTerrameshClient(options: ClientOptions): TerrameshClient {
  const trpc = createTRPCClient<TerrameshRouter>({
    links: [
      httpLink({
        url: `${options.url.replace(/\/+$/, '')}/trpc`,
        headers: { 'X-Atlantis-Token': options.token },
        ...fetchOf(options),
      }),
    ],
  });

  async function ask<T>(call: (init: CallOptions) => Promise<T>, { signal }: CallOptions = {}): Promise<T> {
    try {
      return await call(signal ? { signal } : {});
    } catch (error) {
      throw toClientError(error, signal);
    }
  }

  function start(kind: 'startPlan' | 'startApply', request: StartRequest, init?: CallOptions): Promise<StartedRun> {
    const guarded = { ...request, idempotencyKey: request.idempotencyKey ?? crypto.randomUUID() };
    const attempt = () => ask((one) => trpc.runs[kind].mutate(guarded, one), init);
    return repeatWhileAway(attempt, { forMs: startOutageMs, signal: init?.signal });
  }

  return {
    startPlan: (request, init) => start('startPlan', request, init),
    startApply: (request, init) => start('startApply', request, init),
    get: (runId, init) => ask((one) => trpc.runs.get.query({ runId }, one), init),
    list: (query = {}, init = {}) => ask((one) => trpc.runs.list.query(query, one), init),
    wait: (runId, init = {}) => {
      const poll = (signal: AbortSignal) =>
        repeatWhileAway(() => ask((one) => trpc.runs.wait.query({ runId, waitMs: longPollMs }, one), { signal }), {
          forMs: outageMs,
          signal,
        });
      return untilFinished(runId, poll, init);
    },
    cancel: (runId, init) => ask((one) => trpc.runs.cancel.mutate({ runId }, one), init),
    results: (runId, cursor = null, init = {}) => ask((one) => trpc.runs.results.query({ runId, cursor }, one), init),
    followLogs: (runId, init = {}) => {
      const read = (after: number) =>
        repeatWhileAway(() => ask((one) => trpc.runs.logs.query({ runId, after, waitMs: longPollMs }, one), init), {
          forMs: outageMs,
          signal: init.signal,
        });
      return followLogs(read, init);
    },
    locks: {
      list: (query = {}, init = {}) => ask((one) => trpc.locks.list.query(query, one), init),
      release: (name, init) => ask((one) => trpc.locks.release.mutate({ name }, one), init),
    },
  };
}

type TrpcFetch = NonNullable<HTTPLinkOptions<TerrameshRouter['_def']['_config']['$types']>['fetch']>;

function fetchOf({ fetch: own }: ClientOptions) {
  return own ? { fetch: (...[input, init]: Parameters<TrpcFetch>) => own(input, init as RequestInit) } : {};
}
