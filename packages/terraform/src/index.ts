export { type Adoption, type AdoptOptions, adoptProcess, killGroupIfAlive } from './adopt-process.js';
export {
  type ApplyOptions,
  ArgumentError,
  applyArgs,
  checkedWorkspace,
  type ExtraArgs,
  type InitOptions,
  initArgs,
  type PlanOptions,
  planArgs,
  showPlanArgs,
  statePullArgs,
  workspaceArgs,
} from './arguments.js';
export type { DriftedAttribute } from './changed-attributes.js';
export type { Child, Exit } from './child.js';
export { type Drift, type DriftAction, type DriftedResource, driftedResources } from './drifted-resources.js';
export {
  type Environment,
  type EnvironmentOptions,
  terraformEnvironment,
  workspaceEnvironment,
} from './environment.js';
export {
  computeInitFingerprint,
  type FingerprintOptions,
  isInitialized,
  markInitialized,
  prepareInit,
} from './init-fingerprint.js';
export type { LaunchedEnd } from './launcher/messages.js';
export { LaunchError, type Launched, Launcher } from './launcher.js';
export { maxLineLength } from './line-splitter.js';
export { type PlanOutcome, planOutcome } from './plan-outcome.js';
export { type PlanSummary, summarizePlan } from './plan-summary.js';
export { planText, stripRefreshing } from './plan-text.js';
export { outputFiles } from './process-directory.js';
export { type ProcessOptions, SpawnError, type SpawnFailure, startInTurn, startProcess } from './start-process.js';
export { ChildStuckError, type StopGrace, stopChild } from './stop-child.js';
export { type TailOptions, tailFile } from './tail-file.js';
export { type Distribution, findTool, type Tool, ToolMissingError, type ToolPreference } from './tool.js';
