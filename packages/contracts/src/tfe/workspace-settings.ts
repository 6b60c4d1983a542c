// What clients store with a workspace and read again. Nothing here acts on it; `autoApply` and the like are for people.
import { z } from 'zod';

const Switch = z.boolean().default(false);

export const WorkspaceSettings = z.object({
  allowDestroyPlan: Switch,
  assessmentsEnabled: Switch,
  autoApply: Switch,
  autoApplyRunTrigger: Switch,
  fileTriggersEnabled: Switch,
  globalRemoteState: Switch,
  queueAllRuns: Switch,
  speculativeEnabled: Switch,
  structuredRunOutputEnabled: Switch,
  sourceName: z.string().nullable().default(null),
  sourceUrl: z.string().nullable().default(null),
  triggerPrefixes: z.array(z.string()).default([]),
  triggerPatterns: z.array(z.string()).default([]),
});
export type WorkspaceSettings = z.infer<typeof WorkspaceSettings>;
