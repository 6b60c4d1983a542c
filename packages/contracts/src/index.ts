export {
  AtlantisError,
  AtlantisHealth,
  AtlantisLock,
  AtlantisLocks,
  AtlantisPlanSuccess,
  AtlantisProjectResult,
  AtlantisRunRequest,
  AtlantisRunResult,
  AtlantisStatus,
  AtlantisUnhealthy,
  atlantisCommands,
} from './atlantis.js';
export { AppError, type AppErrorOptions, type ErrorCode, errorMeanings, isAppError } from './errors.js';
export { Lock, LockDecision, LockGuard, LockHolder, LockKey, lockEvents, locks, maxLockKeys } from './locks.js';
export {
  type EventContract,
  type EventDelivery,
  type EventPayload,
  event,
  type HandlerResult,
  type Operation,
  type OperationInput,
  type OperationOutput,
  operation,
  type ParsedInput,
} from './operation.js';
export { repositories } from './repositories.js';
export { createTerrameshRouter, type RouterContext, type RouterErrorFacts, type TerrameshRouter } from './router.js';
export {
  Execution,
  ExecutionId,
  ExecutionState,
  LogLine,
  maxWaitMs,
  PlanSummary,
  ResultPart,
  Run,
  RunError,
  RunId,
  RunOutcome,
  RunStatus,
  RunSummary,
  runEvents,
  runs,
} from './runs.js';
export { maxTargets, Ref, RunKind, StartRun, TerraformWorkspaceName } from './start-run.js';
export { Repository, Target, VcsType } from './targets.js';
