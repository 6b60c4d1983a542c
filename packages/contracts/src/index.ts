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
export {
  AtlantisDetectedProject,
  AtlantisDetection,
  AtlantisDetections,
  AtlantisDetectRequest,
  AtlantisDrift,
  AtlantisDriftStatus,
} from './drift/atlantis-drift.js';
export {
  AtlantisRemediatedProject,
  AtlantisRemediateRequest,
  AtlantisRemediation,
  AtlantisRemediationDrift,
  AtlantisRemediations,
} from './drift/atlantis-remediations.js';
export { DriftBreaker, driftBreaker } from './drift/breaker.js';
export {
  DetectedTarget,
  Detection,
  DetectionRequest,
  DetectionStatus,
  driftDetections,
  FollowUp,
} from './drift/detections.js';
export {
  DriftMessage,
  DriftMessageKind,
  maxToldAddresses,
  maxToldTargets,
  ToldTarget,
} from './drift/messages.js';
export { driftNoise, IgnoreRule, IgnoreRuleInput, maxIgnoreRules, maxSnoozeDays } from './drift/noise.js';
export {
  DriftEvent,
  DriftEventKind,
  DriftQuiet,
  DriftRecord,
  DriftRecordStatus,
  driftRecords,
} from './drift/records.js';
export {
  DriftCounts,
  RemediatedTarget,
  Remediation,
  RemediationAction,
  RemediationStatus,
  RemediationText,
  remediations,
  StartRemediation,
} from './drift/remediations.js';
export { driftSchedules, Schedule, ScheduleCadence, ScheduleId } from './drift/schedules.js';
export { Delivery, DeliveryStatus, driftWebhooks, Webhook, WebhookKind } from './drift/webhooks.js';
export { DriftAction, DriftedAttribute, DriftedResource } from './drifted-resource.js';
export { AppError, type AppErrorOptions, type ErrorCode, errorMeanings, isAppError } from './errors.js';
export {
  HeldLock,
  Lock,
  LockDecision,
  LockGuard,
  LockHolder,
  LockKey,
  LockOwner,
  lockEvents,
  locks,
  maxChangedKeys,
  maxLockKeys,
  PersonHolder,
} from './locks.js';
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
  Misfit,
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
export { ApplyLimits, maxTargets, Ref, RunKind, RunOrigin, StartRun, TerraformWorkspaceName } from './start-run.js';
export { maxPlaces, TargetPlace, TargetRun, targetRuns } from './target-runs.js';
export { Repository, Target, VcsType } from './targets.js';
export { access, Rate } from './tfe/access.js';
export { Account, accounts } from './tfe/accounts.js';
export { Caller } from './tfe/caller.js';
export { attributeError, Document, type DocumentProblem, documentError, parseDocument } from './tfe/document.js';
export {
  CreateAccountDocument,
  CreateMembershipDocument,
  CreateOrganizationDocument,
  CreateTeamDocument,
  CreateTokenDocument,
  type OrganizationAccessName,
  organizationAccessNames,
  TeamMembershipsDocument,
  TeamUsersDocument,
  UpdateAccountDocument,
  UpdateOrganizationDocument,
  UpdateTeamDocument,
} from './tfe/identity-documents.js';
export { Membership, memberships } from './tfe/memberships.js';
export { Organization, OrganizationPermissions, OrganizationSettings, organizations } from './tfe/organizations.js';
export { maxPageSize, PageRequest, pageOf } from './tfe/page.js';
export { ProjectAccess, ProjectAccessName, WorkspaceAccess } from './tfe/project-access.js';
export {
  createProjectDocument,
  MoveWorkspacesDocument,
  type ProjectRules,
  updateProjectDocument,
} from './tfe/project-documents.js';
export {
  ExecutionMode,
  maxNameFilters,
  maxTagFilters,
  Project,
  ProjectPermissions,
  projects,
  TagFilter,
} from './tfe/projects.js';
export {
  maxTagBindings,
  TagBinding,
  TagBindingItems,
  TagBindingsDocument,
  tooManyTagBindings,
} from './tfe/tag-bindings.js';
export { CreateTeamProjectDocument, UpdateTeamProjectDocument } from './tfe/team-project-documents.js';
export { TeamProject, teamProjects } from './tfe/team-projects.js';
export { Team, teams } from './tfe/teams.js';
export { hashToken, newToken } from './tfe/token.js';
export { Token, type TokenOwner, tokens } from './tfe/tokens.js';
export {
  CreateWorkspaceDocument,
  LockDocument,
  maxTagNames,
  TagNamesDocument,
  UpdateWorkspaceDocument,
} from './tfe/workspace-documents.js';
export { WorkspaceSettings } from './tfe/workspace-settings.js';
export {
  EffectiveTag,
  Workspace,
  WorkspaceKey,
  WorkspacePermissions,
  WorkspaceRepository,
  WorkspaceTagName,
  workspaces,
} from './tfe/workspaces.js';
export { PersonLock, WorkspaceStanding, workspaceLocks } from './workspace-locks.js';
