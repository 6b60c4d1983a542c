// One resource that a plan would change, or found changed. What is sensitive never gets here.
import { z } from 'zod';

export const DriftAction = z.enum(['create', 'update', 'delete', 'import', 'forget']).meta({ id: 'DriftAction' });
export type DriftAction = z.infer<typeof DriftAction>;

export const DriftedAttribute = z
  .object({
    /** As in `tags["Name"]`, `ingress[0].port`. */
    path: z.string(),
    /** JSON text; one of more than 200 characters is cut and ends with `…#` and a digest of it. Null: no value, or a sensitive one. */
    before: z.string().nullable(),
    /** The same. `(known after apply)` when `unknown`. */
    after: z.string().nullable(),
    /** True: there is a difference, and both values are withheld. */
    sensitive: z.boolean(),
    /** True: the value after is not known before the apply. */
    unknown: z.boolean(),
  })
  .meta({ id: 'DriftedAttribute' });
export type DriftedAttribute = z.infer<typeof DriftedAttribute>;

export const DriftedResource = z
  .object({
    /** With the path of its module: `module.net["eu"].aws_vpc.main`. */
    address: z.string(),
    /** `planned`: what an apply would do (`resource_changes`); `outside`: what was done without us (`resource_drift`). */
    kind: z.enum(['planned', 'outside']),
    /** In Terraform's order: `['delete', 'create']` is a replacement that destroys first. */
    actions: z.array(DriftAction).min(1),
    attributes: z.array(DriftedAttribute),
  })
  .meta({ id: 'DriftedResource' });
export type DriftedResource = z.infer<typeof DriftedResource>;
