// Counts and the summary sentence of a plan, from `show -json`; the text is only asked for Terraform's own wording.
import { z } from 'zod';

const Changes = z
  .array(
    z.object({
      mode: z.string().optional(),
      change: z.object({ actions: z.array(z.string()), importing: z.unknown().optional() }),
    }),
  )
  .default([]);

/** What is read of a plan document; all else in it is neither checked nor copied. */
const PlanDocument = z.object({
  resource_changes: Changes,
  resource_drift: Changes,
  output_changes: z.record(z.string(), z.object({ actions: z.array(z.string()) })).default({}),
});
type PlanDocument = z.infer<typeof PlanDocument>;

/** As Terraform's own `Plan:` line counts: a replacement is one to add and one to destroy; outputs do not count. */
export interface PlanSummary {
  readonly toAdd: number;
  readonly toChange: number;
  readonly toDestroy: number;
  readonly toImport: number;
  readonly toForget: number;
  /** Objects changed outside of Terraform since the last apply. */
  readonly changesOutside: boolean;
  /** Terraform's sentence, `Plan: …` or `No changes. …`; empty when only outputs change. */
  readonly summary: string;
}

/**
 * Summarizes the parsed `show -json` document. `text` is what `plan` printed. A document can be 100 MB: parsed it takes
 * about three times its size until it is let go; this adds some 100 bytes per resource. Throws ZodError for something
 * that is not a plan.
 */
export function summarizePlan(planJson: unknown, text: string): PlanSummary {
  const plan = PlanDocument.parse(planJson);
  const counts = countChanges(plan.resource_changes);
  return {
    ...counts,
    changesOutside: plan.resource_drift.some(({ change }) => change.actions.some((action) => action !== 'no-op')),
    summary: summarySentence(plan, counts, text),
  };
}

type Counts = Omit<PlanSummary, 'changesOutside' | 'summary'>;

// Terraform: internal/command/jsonformat/plan.go renderHuman.
function countChanges(changes: PlanDocument['resource_changes']): Counts {
  const counts = { toAdd: 0, toChange: 0, toDestroy: 0, toImport: 0, toForget: 0 };
  for (const { mode, change } of changes) {
    const { actions } = change;
    const isRead = mode !== undefined && mode !== 'managed';
    if (isRead) continue;
    if (change.importing !== undefined && change.importing !== null) counts.toImport += 1;
    if (actions.includes('create')) counts.toAdd += 1;
    if (actions.includes('update')) counts.toChange += 1;
    if (actions.includes('delete')) counts.toDestroy += 1;
    if (actions.includes('forget')) counts.toForget += 1;
  }
  return counts;
}

function summarySentence({ output_changes }: PlanDocument, counts: Counts, text: string): string {
  const hasChanges = Object.values(counts).some((count) => count > 0);
  const printed = findLast(text, /^Plan: \d.*\.$/gm);
  // A printed line that counts otherwise is not about this plan (a hook's output). Terraform 1.11 leaves out what it forgets.
  if (printed?.startsWith(planSentence({ ...counts, toForget: 0 }).slice(0, -1))) return printed;
  if (hasChanges) return planSentence(counts);
  const changesOutputs = Object.values(output_changes).some(({ actions }) =>
    actions.some((action) => action !== 'no-op'),
  );
  if (changesOutputs) return '';
  return findLast(text, /^No changes\. .*\.$/gm) ?? 'No changes. Your infrastructure matches the configuration.';
}

function planSentence({ toAdd, toChange, toDestroy, toImport, toForget }: Counts): string {
  const imports = toImport > 0 ? `${toImport} to import, ` : '';
  const forgets = toForget > 0 ? `, ${toForget} to forget` : '';
  return `Plan: ${imports}${toAdd} to add, ${toChange} to change, ${toDestroy} to destroy${forgets}.`;
}

function findLast(text: string, pattern: RegExp): string | undefined {
  let last: string | undefined;
  for (const match of text.matchAll(pattern)) last = match[0];
  return last;
}
