// What callers of the client see. Of the contracts only types are imported: no schema is loaded at run time.
import type { TerrameshRouter } from '@terramesh/contracts';
import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server';
import type { LogLine, LogOptions } from './follow-logs.js';

type Inputs = inferRouterInputs<TerrameshRouter>;
type Outputs = inferRouterOutputs<TerrameshRouter>;

export type StartRequest = Inputs['runs']['startPlan'];
export type StartedRun = Outputs['runs']['startPlan'];
export type Run = Outputs['runs']['get'];
export type RunSummary = Outputs['runs']['wait'];
export type RunsQuery = Inputs['runs']['list'];
export type RunsPage = Outputs['runs']['list'];
export type ResultsPage = Outputs['runs']['results'];
export type LocksQuery = Inputs['locks']['list'];
export type LocksPage = Outputs['locks']['list'];
export type Lock = Outputs['locks']['release'];

export interface ClientOptions {
  /** Of the gateway, such as `https://terramesh.example.com`. */
  readonly url: string;
  readonly token: string;
  /** Instead of the global one. */
  readonly fetch?: typeof fetch;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
}

export interface WaitOptions extends CallOptions {
  /** TIMEOUT after this; without it, as long as the run takes. */
  readonly timeoutMs?: number;
}

/** Every method rejects with TerrameshClientError, or with the reason of the caller's own signal. */
export interface TerrameshClient {
  /**
   * Starts a run and answers with its id. Repeated over lost connections without starting a second one: a key is made
   * when the request has none.
   */
  startPlan(request: StartRequest, options?: CallOptions): Promise<StartedRun>;
  startApply(request: StartRequest, options?: CallOptions): Promise<StartedRun>;
  get(runId: string, options?: CallOptions): Promise<Run>;
  list(query?: RunsQuery, options?: CallOptions): Promise<RunsPage>;
  /** Resolves when the run is finished; asks again over lost connections. */
  wait(runId: string, options?: WaitOptions): Promise<RunSummary>;
  cancel(runId: string, options?: CallOptions): Promise<RunSummary>;
  /** One page of the texts of a run's executions; `cursor` is `next` of the page before. */
  results(runId: string, cursor?: string | null, options?: CallOptions): Promise<ResultsPage>;
  /** Every line until the run ends, each once and in order, over lost connections. */
  followLogs(runId: string, options?: LogOptions): AsyncGenerator<LogLine, void, undefined>;
  readonly locks: {
    list(query?: LocksQuery, options?: CallOptions): Promise<LocksPage>;
    /** Deletes a lock by its name; its plan is discarded. */
    release(name: string, options?: CallOptions): Promise<Lock>;
  };
}
