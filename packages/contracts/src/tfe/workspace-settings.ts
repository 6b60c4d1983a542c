// What clients store with a workspace and read again. Nothing here acts on it; `autoApply` and the like are for people.
import { z } from 'zod';

const Off = z.boolean().default(false);
const On = z.boolean().default(true);

export const WorkspaceSettings = z.object({
  allowDestroyPlan: On,
  assessmentsEnabled: Off,
  autoApply: Off,
  autoApplyRunTrigger: Off,
  fileTriggersEnabled: On,
  globalRemoteState: Off,
  queueAllRuns: Off,
  speculativeEnabled: On,
  structuredRunOutputEnabled: Off,
  sourceName: z.string().nullable().default(null),
  sourceUrl: z.string().nullable().default(null),
  triggerPrefixes: z.array(z.string()).default([]),
  triggerPatterns: z.array(z.string()).default([]),
  /** Whether the project's auto destroy counts; its own two below are null while it does. */
  inheritsProjectAutoDestroy: On,
  autoDestroyAt: z.iso.datetime().nullable().default(null),
  autoDestroyActivityDuration: z.string().nullable().default(null),
});
export type WorkspaceSettings = z.infer<typeof WorkspaceSettings>;
