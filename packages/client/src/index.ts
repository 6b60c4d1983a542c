export { createTerrameshClient } from './client.js';
export { type ClientErrorFacts, TerrameshClientError } from './client-error.js';
export type {
  CallOptions,
  ClientOptions,
  Lock,
  LocksPage,
  LocksQuery,
  ResultsPage,
  Run,
  RunSummary,
  RunsPage,
  RunsQuery,
  StartedRun,
  StartRequest,
  TerrameshClient,
  WaitOptions,
} from './client-types.js';
export type { LogLine, LogOptions } from './follow-logs.js';
