export { AppError, type AppErrorOptions, type ErrorCode, errorMeanings, isAppError } from './errors.js';
export { Lock, LockDecision, lockEvents, LockGuard, LockHolder, LockKey, locks, maxLockKeys } from './locks.js';
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
export {
  Execution,
  ExecutionId,
  ExecutionState,
  LogLine,
  maxTargets,
  maxWaitMs,
  PlanSummary,
  Ref,
  ResultPart,
  Run,
  RunError,
  RunId,
  RunKind,
  RunOutcome,
  RunStatus,
  RunSummary,
  runEvents,
  runs,
  StartRun,
  TerraformWorkspaceName,
} from './runs.js';
export { Repository, Target, VcsType } from './targets.js';
