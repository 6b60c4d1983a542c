// The wire shapes of the Atlantis API. Here "project" is Atlantis' word for what the rest of the system calls a target.
import { z } from 'zod';
import { maxTargets, Ref, TerraformWorkspaceName } from './start-run.js';
import { VcsType } from './targets.js';

const maxPullNumber = 2 ** 31 - 1;

/** The shape that a host of this type expects of a repository's name; undefined when the name has it. */
export function repositoryProblem(type: VcsType, repository: string): string | undefined {
  const parts = repository.split('/');
  const isPlain = parts.every((part) => /^[A-Za-z0-9._-]+$/.test(part) && part !== '.' && part !== '..');
  const fits = type === 'Gitlab' ? parts.length >= 2 : parts.length === 2;
  if (isPlain && fits) return undefined;
  const expected = type === 'Gitlab' ? '"group/name" or deeper' : '"owner/name"';
  return `${JSON.stringify(repository)} is not a repository of ${type}, expected ${expected}`;
}

const AtlantisPath = z
  .object({
    Directory: z.string().max(1024, 'is too long').optional(),
    Workspace: z
      .string()
      .refine((name) => name === '' || TerraformWorkspaceName.safeParse(name).success, {
        error: (issue) => `invalid workspace ${JSON.stringify(issue.input)}`,
      })
      .optional(),
  })
  .refine((path) => Boolean(path.Directory) || Boolean(path.Workspace), {
    message: 'at least one of Directory or Workspace must be specified',
  })
  .meta({ id: 'AtlantisPath' });

/** Body of `POST /api/plan` and `POST /api/apply`, keys in their canonical case. */
export const AtlantisRunRequest = z
  .object({
    Repository: z.string().min(1).max(512, 'is too long'),
    Ref: Ref,
    Type: z.enum(VcsType.options, {
      error: (issue) => `${JSON.stringify(issue.input)} is not a valid type, use ${VcsType.options.join(', ')}`,
    }),
    Projects: z.array(z.string().min(1, 'must not be empty').max(255)).max(maxTargets).optional(),
    Paths: z.array(AtlantisPath).max(maxTargets).optional(),
    PR: z
      .int({ error: 'must be a whole number' })
      .min(0, 'must not be negative')
      .max(maxPullNumber, 'is too large')
      .optional()
      .describe('Pull request number; absent or 0 for none.'),
  })
  .superRefine((request, context) => {
    const problem = repositoryProblem(request.Type, request.Repository);
    if (problem) context.addIssue({ code: 'custom', path: ['Repository'], message: problem });
    if ((request.Projects?.length ?? 0) + (request.Paths?.length ?? 0) === 0) {
      context.addIssue({ code: 'custom', message: 'at least one of Projects or Paths must be specified' });
    }
  })
  .meta({ id: 'AtlantisRunRequest' });
export type AtlantisRunRequest = z.infer<typeof AtlantisRunRequest>;

/** Atlantis: command/name.go. */
export const atlantisCommands = { apply: 0, plan: 1 } as const;

export const AtlantisPlanSuccess = z
  .object({
    TerraformOutput: z.string(),
    LockURL: z.string(),
    RePlanCmd: z.string(),
    ApplyCmd: z.string(),
    HasDiverged: z.boolean(),
  })
  .meta({ id: 'AtlantisPlanSuccess' });

export const AtlantisProjectResult = z
  .object({
    Command: z.union([z.literal(atlantisCommands.plan), z.literal(atlantisCommands.apply)]).describe('1 plan, 0 apply'),
    RepoRelDir: z.string(),
    Workspace: z.string(),
    Error: z.string().nullable(),
    Failure: z.string(),
    PlanSuccess: AtlantisPlanSuccess.nullable(),
    PolicyCheckSuccess: z.null(),
    ApplySuccess: z.string(),
    VersionSuccess: z.string(),
    ProjectName: z.string(),
  })
  .meta({ id: 'AtlantisProjectResult' });
export type AtlantisProjectResult = z.infer<typeof AtlantisProjectResult>;

export const AtlantisRunResult = z
  .object({
    Error: z.string().nullable(),
    Failure: z.string(),
    ProjectResults: z.array(AtlantisProjectResult),
    PlansDeleted: z.boolean(),
  })
  .meta({ id: 'AtlantisRunResult' });
export type AtlantisRunResult = z.infer<typeof AtlantisRunResult>;

export const AtlantisLock = z
  .object({
    Name: z.string(),
    ProjectName: z.string(),
    ProjectRepo: z.string(),
    ProjectRepoPath: z.string(),
    PullID: z.string().describe('The pull request number, or `run <run id>` for a run without one.'),
    PullURL: z.string(),
    User: z.string(),
    Workspace: z.string(),
    Time: z.iso.datetime({ offset: true }),
  })
  .meta({ id: 'AtlantisLock' });
export type AtlantisLock = z.infer<typeof AtlantisLock>;

export const AtlantisLocks = z.object({ Locks: z.array(AtlantisLock) }).meta({ id: 'AtlantisLocks' });

export const AtlantisStatus = z
  .object({
    shutting_down: z.boolean(),
    in_progress_operations: z.int().nonnegative(),
    version: z.string(),
  })
  .meta({ id: 'AtlantisStatus' });
export type AtlantisStatus = z.infer<typeof AtlantisStatus>;

export const AtlantisHealth = z.object({ status: z.literal('ok') }).meta({ id: 'AtlantisHealth' });

export const AtlantisUnhealthy = z
  .object({ status: z.literal('error'), error: z.string() })
  .meta({ id: 'AtlantisUnhealthy' });

/** Body of every error before a result exists. */
export const AtlantisError = z.object({ error: z.string() }).meta({ id: 'AtlantisError' });
