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
const Line = z
  .string()
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it refuses
  .regex(/^[^\x00-\x1f\x7f]*$/, 'has control characters');

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
  })
  .refine((request) => request.projects.length + request.paths.length > 0, {
    message: 'at least one of Projects or Paths must be specified',
  })
  .meta({ id: 'StartRun' });
export type StartRun = z.infer<typeof StartRun>;
