// Which resources a plan would change or found changed, attribute by attribute, from `show -json`. Values that are
// sensitive never leave this file; everything that does is bounded.
import { z } from 'zod';
import { changedAttributes, type DriftedAttribute } from './changed-attributes.js';
import { type Marked, sensitiveValues } from './sensitive-values.js';
import { shorten } from './shorten.js';

export type DriftAction = 'create' | 'update' | 'delete' | 'import' | 'forget';

export interface DriftedResource {
  /** With the path of its module; at most 1000 characters. */
  readonly address: string;
  /** `planned`: what an apply would do (`resource_changes`); `outside`: what was done without Terraform (`resource_drift`). */
  readonly kind: 'planned' | 'outside';
  /** In Terraform's order, which tells the two kinds of replacement apart. */
  readonly actions: DriftAction[];
  readonly attributes: DriftedAttribute[];
}

export interface Drift {
  /** There is more than the bounds let through. */
  readonly truncated: boolean;
  readonly changes: DriftedResource[];
}

export const driftBounds = { resources: 500, attributesEach: 50, valueChars: 200, addressChars: 1000, bytes: 200_000 };

const Changes = z
  .array(
    z.object({
      address: z.string(),
      change: z.object({
        actions: z.array(z.string()),
        importing: z.unknown().optional(),
        before: z.unknown().optional(),
        after: z.unknown().optional(),
        before_sensitive: z.unknown().optional(),
        after_sensitive: z.unknown().optional(),
        after_unknown: z.unknown().optional(),
      }),
    }),
  )
  .default([]);

const Sensitive = z.object({ sensitive: z.boolean().optional() });
const PlanDocument = z.object({
  resource_changes: Changes,
  resource_drift: Changes,
  variables: z.record(z.string(), z.object({ value: z.unknown().optional() })).default({}),
  configuration: z
    .object({ root_module: z.object({ variables: z.record(z.string(), Sensitive).default({}) }).optional() })
    .optional(),
});
type PlanDocument = z.infer<typeof PlanDocument>;
type Change = z.infer<typeof Changes>[number];

/**
 * Resources of the parsed `show -json` document that are created, updated, deleted, imported or forgotten; reads of data
 * sources, moves and outputs are none of these. `mask` takes known secrets out of a text. At most 500 of them, 50 attributes each, 200 kB of JSON altogether. Throws
 * ZodError for something that is not a plan.
 */
export function driftedResources(planJson: unknown, mask: (text: string) => string = (text) => text): Drift {
  const plan = PlanDocument.parse(planJson);
  const isSensitive = sensitiveValues(markedIn(plan));
  const changes: DriftedResource[] = [];
  let truncated = false;
  let bytes = 0;
  for (const [kind, change] of [
    ...plan.resource_changes.map((one) => ['planned', one] as const),
    ...plan.resource_drift.map((one) => ['outside', one] as const),
  ]) {
    const actions = actionsOf(change);
    if (actions.length === 0) continue;
    if (changes.length === driftBounds.resources) return { truncated: true, changes };
    const found = changedAttributes(
      {
        ...change.change,
        beforeMarks: change.change.before_sensitive,
        afterMarks: change.change.after_sensitive,
        unknown: change.change.after_unknown,
      },
      { attributes: driftBounds.attributesEach, valueChars: driftBounds.valueChars, mask, isSensitive },
    );
    const address = shorten(mask(change.address), driftBounds.addressChars);
    const resource: DriftedResource = { address, kind, actions, attributes: found.attributes };
    bytes += Buffer.byteLength(JSON.stringify(resource));
    if (bytes > driftBounds.bytes) return { truncated: true, changes };
    changes.push(resource);
    truncated ||= found.truncated;
  }
  return { truncated, changes };
}

function* markedIn({ resource_changes, resource_drift, variables, configuration }: PlanDocument): Generator<Marked> {
  for (const { change } of [...resource_changes, ...resource_drift]) {
    yield { value: change.before, marks: change.before_sensitive };
    yield { value: change.after, marks: change.after_sensitive };
  }
  for (const [name, { sensitive }] of Object.entries(configuration?.root_module?.variables ?? {}))
    if (sensitive === true) yield { value: variables[name]?.value, marks: true };
}

function actionsOf({ change }: Change): DriftAction[] {
  const actions = change.actions.filter(isAction);
  return change.importing === undefined || change.importing === null ? actions : ['import', ...actions];
}

function isAction(action: string): action is Exclude<DriftAction, 'import'> {
  return ['create', 'update', 'delete', 'forget'].includes(action);
}
