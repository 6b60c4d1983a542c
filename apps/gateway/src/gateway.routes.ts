// Every route of the gateway: what the OpenAPI document describes.
import { atlantisRoutes } from './atlantis/atlantis.routes.js';
import { detectionRoutes } from './drift/drift-detect.routes.js';
import { driftRecordRoutes } from './drift/drift-records.routes.js';
import { remediationRoutes } from './drift/drift-remediate.routes.js';
import { scheduleRoutes } from './drift/drift-schedules.routes.js';
import { driftStatusRoutes } from './drift/drift-status.routes.js';
import { webhookRoutes } from './drift/drift-webhooks.routes.js';
import { noiseRoutes } from './drift/noise.routes.js';
import type { RouteDeclaration } from './http/route.js';
import { lockRoutes } from './locks/locks.routes.js';
import { metricsRoutes } from './metrics/metrics.routes.js';
import { openApiRoutes } from './openapi/openapi.routes.js';
import { profilingRoutes } from './profiling/profiling.routes.js';
import { runRoutes } from './runs/runs.routes.js';
import { statusRoutes } from './status/status.routes.js';
import { identityRoutes } from './tfe/identity.parts.js';
import { projectContentsRoutes } from './tfe/projects/project-contents.routes.js';
import { projectRoutes } from './tfe/projects/projects.routes.js';
import { teamProjectRoutes } from './tfe/projects/team-projects.routes.js';
import { workspaceContentsRoutes } from './tfe/workspaces/workspace-contents.routes.js';
import { workspaceRoutes } from './tfe/workspaces/workspaces.routes.js';
import { trpcRoutes } from './trpc/trpc.routes.js';

export const gatewayRoutes: readonly RouteDeclaration[] = [
  atlantisRoutes,
  lockRoutes,
  runRoutes,
  driftStatusRoutes,
  detectionRoutes,
  driftRecordRoutes,
  noiseRoutes,
  remediationRoutes,
  scheduleRoutes,
  webhookRoutes,
  statusRoutes,
  trpcRoutes,
  ...identityRoutes,
  projectRoutes,
  projectContentsRoutes,
  teamProjectRoutes,
  workspaceRoutes,
  workspaceContentsRoutes,
  openApiRoutes,
  metricsRoutes,
  profilingRoutes,
].flatMap((family) => Object.values<RouteDeclaration>(family));
