import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import type { Metrics } from '@terramesh/service';
import { AtlantisController } from './atlantis/atlantis.controller.js';
import { FinishedRuns } from './atlantis/finished-runs.js';
import { RunStarter } from './atlantis/run-starter.js';
import { DriftDetectController } from './drift/drift-detect.controller.js';
import { DriftRecordsController } from './drift/drift-records.controller.js';
import { DriftRemediateController } from './drift/drift-remediate.controller.js';
import { DriftSchedulesController } from './drift/drift-schedules.controller.js';
import { DriftStatusController } from './drift/drift-status.controller.js';
import { DriftWebhooksController } from './drift/drift-webhooks.controller.js';
import { NoiseController } from './drift/noise.controller.js';
import { GatewayOptions } from './gateway.options.js';
import { Draining } from './http/draining.js';
import { ErrorFilter } from './http/error.filter.js';
import { RouteRegistry } from './http/route-registry.js';
import { AllLocks } from './locks/all-locks.js';
import { LocksController } from './locks/locks.controller.js';
import { METRICS, MetricsController } from './metrics/metrics.controller.js';
import { OpenApiController } from './openapi/openapi.controller.js';
import { Profiler } from './profiling/profiler.js';
import { ProfilingController } from './profiling/profiling.controller.js';
import { RunLogs } from './runs/run-logs.js';
import { RunsController } from './runs/runs.controller.js';
import { BackendChecks } from './status/backend-checks.js';
import { StatusController } from './status/status.controller.js';
import { identityControllers, identityProviders } from './tfe/identity.parts.js';
import { ProjectContentsController } from './tfe/projects/project-contents.controller.js';
import { ProjectsController } from './tfe/projects/projects.controller.js';
import { TeamProjectsController } from './tfe/projects/team-projects.controller.js';
import { WorkspaceContentsController } from './tfe/workspaces/workspace-contents.controller.js';
import { WorkspaceRuns } from './tfe/workspaces/workspace-runs.js';
import { WorkspaceSideloads } from './tfe/workspaces/workspace-sideloads.js';
import { WorkspacesController } from './tfe/workspaces/workspaces.controller.js';
import { TrpcController } from './trpc/trpc.controller.js';

export interface GatewayParts {
  readonly options: GatewayOptions;
  readonly draining: Draining;
  readonly routes: RouteRegistry;
  readonly profiling: 'on' | 'off';
  /** Undefined: /metrics does not exist. */
  readonly metrics: Metrics | undefined;
}

const controllers = [
  AtlantisController,
  LocksController,
  RunsController,
  DriftStatusController,
  DriftDetectController,
  DriftRecordsController,
  NoiseController,
  DriftRemediateController,
  DriftSchedulesController,
  DriftWebhooksController,
  StatusController,
  TrpcController,
  OpenApiController,
  ...identityControllers,
  ProjectsController,
  ProjectContentsController,
  TeamProjectsController,
  WorkspacesController,
  WorkspaceContentsController,
];

@Module({})
// biome-ignore lint/complexity/noStaticOnlyClass: the shape of a Nest dynamic module
export class GatewayModule {
  static forRoot(parts: GatewayParts): DynamicModule {
    const isProfiled = parts.profiling === 'on';
    const { metrics } = parts;
    return {
      module: GatewayModule,
      controllers: [
        ...controllers,
        ...(isProfiled ? [ProfilingController] : []),
        ...(metrics ? [MetricsController] : []),
      ],
      providers: [
        { provide: GatewayOptions, useValue: parts.options },
        { provide: Draining, useValue: parts.draining },
        { provide: RouteRegistry, useValue: parts.routes },
        { provide: APP_FILTER, useClass: ErrorFilter },
        RunStarter,
        FinishedRuns,
        AllLocks,
        RunLogs,
        BackendChecks,
        ...identityProviders,
        WorkspaceRuns,
        WorkspaceSideloads,
        ...(isProfiled ? [Profiler] : []),
        ...(metrics ? [{ provide: METRICS, useValue: metrics }] : []),
      ],
    };
  }
}
