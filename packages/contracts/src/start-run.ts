// What may be asked of `runs.start`: nothing in it can become an option of git, Terraform or a shell.
import { z } from 'zod';
import { VcsType } from './targets.js';

export const RunKind = z.enum(['plan', 'apply']).meta({ id: 'RunKind' });
export type RunKind = z.infer<typeof RunKind>;

/** The most targets of one run. */
export const maxTargets = 1000;

/** Branch, tag, refs/heads/…, refs/tags/… or commit; never something git could take for an option or another refspec. */
export const Ref = z
  .string()
  .min(1)
  .max(255)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it refuses
  .regex(/^(?![-+/])(?!.*(?:\.\.|@\{|\/\/))[^\x00-\x20\x7f:~^?*[\\]+(?<![/.])$/, 'ref is not a branch, tag or commit')
  .refine(
    (ref) => !ref.startsWith('refs/') || /^refs\/(heads|tags)\/./.test(ref),
    'ref must be a branch, tag or commit',
  );

/**
 * The CLI workspace a caller may name: what Atlantis allows (valid/workspace.go ValidateWorkspaceName), as far as Terraform
 * takes it as a name.
 */
export const TerraformWorkspaceName = z
  .string()
  .max(90)
  .regex(/^(?![-~])(?!\.$)(?!.*\.\.)[A-Za-z0-9\-_.~&+:=@]+$/, 'workspace name is not allowed');

/** One line of text, as a name or a path is. */
export const Line = z
  .string()
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it refuses
  .regex(/^[^\x00-\x1f\x7f]*$/, 'has control characters');

/** Who wants it: a person, or apps/drift. People's runs never wait for drift's. */
export const RunOrigin = z.enum(['user', 'drift']).meta({ id: 'RunOrigin' });
export type RunOrigin = z.infer<typeof RunOrigin>;

const Limit = z.int().nonnegative().nullable();
/** How much one target's plan may change and still be applied; null: any number. A replacement adds one and destroys one. */
export const ApplyLimits = z.object({ toAdd: Limit, toChange: Limit, toDestroy: Limit }).meta({ id: 'ApplyLimits' });
export type ApplyLimits = z.infer<typeof ApplyLimits>;

export const StartRun = z
  .object({
    kind: RunKind,
    type: VcsType,
    repository: z.string().min(1).max(512),
    ref: Ref,
    pull: z.int().positive().nullable().default(null),
    projects: z.array(Line.min(1).max(255)).max(maxTargets).default([]),
    paths: z
      .array(
        z.object({
          directory: Line.max(1024).default(''),
          workspace: z.union([z.literal(''), TerraformWorkspaceName]).default(''),
        }),
      )
      .max(maxTargets)
      .default([]),
    user: Line.max(255).default(''),
    /** The same key and request within 24 h give the same run; the same key with another request is a CONFLICT. */
    idempotencyKey: Line.min(1).max(255).nullable().default(null),
    origin: RunOrigin.default('user'),
    /** The run ends with the error REF_MOVED, and nothing is planned, when the ref is at another commit. */
    expectedCommit: z
      .string()
      .regex(/^[0-9a-f]{40}$/, 'not a full commit')
      .nullable()
      .default(null),
    /**
     * Every project of atlantis.yaml or, when it has none, every root module of the checkout. `projects` and `paths` are
     * then empty.
     */
    everyTarget: z.boolean().default(false),
    /** What becomes of names and paths that do not fit atlantis.yaml: the run fails, or goes on without them (`leftOut`). */
    misfits: z.enum(['refuse', 'leave_out']).default('refuse'),
    /**
     * Checked against the very plan that would be applied. A target whose plan is past a limit ends as `plan_failed` with a
     * `failure` text that names it; nothing of it is applied.
     */
    limits: ApplyLimits.nullable().default(null),
  })
  .refine((request) => request.everyTarget || request.projects.length + request.paths.length > 0, {
    message: 'at least one of Projects or Paths must be specified',
  })
  .refine((request) => !request.everyTarget || request.projects.length + request.paths.length === 0, {
    message: 'every target and a selection of targets exclude each other',
  })
  .refine((request) => request.limits === null || request.kind === 'apply', {
    message: 'limits are for an apply',
  })
  .meta({ id: 'StartRun' });
export type StartRun = z.infer<typeof StartRun>;
