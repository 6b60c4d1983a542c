// What a team may do in a project: the levels of a team-project.
import { z } from 'zod';

export const ProjectAccessName = z.enum(['read', 'write', 'maintain', 'admin', 'custom']);
export type ProjectAccessName = z.infer<typeof ProjectAccessName>;

/** Over the project itself. */
export const ProjectAccess = z.object({
  settings: z.enum(['read', 'update', 'delete']),
  teams: z.enum(['none', 'read', 'manage']),
  variableSets: z.enum(['none', 'read', 'write']),
});
export type ProjectAccess = z.infer<typeof ProjectAccess>;

/** Over every workspace in it. */
export const WorkspaceAccess = z.object({
  runs: z.enum(['read', 'plan', 'apply']),
  variables: z.enum(['none', 'read', 'write']),
  stateVersions: z.enum(['none', 'read-outputs', 'read', 'write']),
  sentinelMocks: z.enum(['none', 'read']),
  create: z.boolean(),
  locking: z.boolean(),
  delete: z.boolean(),
  move: z.boolean(),
  runTasks: z.boolean(),
  policyOverrides: z.boolean(),
});
export type WorkspaceAccess = z.infer<typeof WorkspaceAccess>;
