// The wire shapes of /api/drift/remediate: snake_case, but PascalCase inside `drift_before` and `drift_after`.
import { z } from 'zod';
import { repositoryProblem } from '../atlantis.js';
import { maxTargets, Ref } from '../start-run.js';
import { VcsType } from '../targets.js';
import { RemediationAction, RemediationStatus } from './remediations.js';

const Names = z.array(z.string().min(1, 'must not be empty').max(255)).max(maxTargets).optional();

/** Body of `POST /api/drift/remediate`, keys in their canonical case. */
export const AtlantisRemediateRequest = z
  .object({
    repository: z.string().min(1).max(512, 'is too long'),
    ref: Ref,
    type: z.enum(VcsType.options, {
      error: (issue) => `${JSON.stringify(issue.input)} is not a valid type, use ${VcsType.options.join(', ')}`,
    }),
    action: z
      .enum(RemediationAction.options, {
        error: (issue) => `${JSON.stringify(issue.input)} is not a valid action, use plan or apply`,
      })
      .optional(),
    projects: Names.describe('Names of projects; without them and `drift_only`, everything recorded for the ref.'),
    workspaces: Names.describe('Only recorded projects in these workspaces; without effect on `projects` alone.'),
    drift_only: z.boolean().optional().describe('Only recorded projects that have drifted.'),
    allow_destroy: z.boolean().optional().describe('Whether an apply may destroy anything; false unless said.'),
  })
  .superRefine((request, context) => {
    const problem = repositoryProblem(request.type, request.repository);
    if (problem) context.addIssue({ code: 'custom', path: ['repository'], message: problem });
  })
  .meta({ id: 'AtlantisRemediateRequest' });
export type AtlantisRemediateRequest = z.infer<typeof AtlantisRemediateRequest>;

const Count = z.int().nonnegative();

export const AtlantisRemediationDrift = z
  .object({
    HasDrift: z.boolean(),
    ToAdd: Count.optional(),
    ToChange: Count.optional(),
    ToDestroy: Count.optional(),
    ToImport: Count.optional(),
    ChangesOutside: z.boolean().optional(),
    Summary: z.string(),
  })
  .meta({ id: 'AtlantisRemediationDrift' });
export type AtlantisRemediationDrift = z.infer<typeof AtlantisRemediationDrift>;

export const AtlantisRemediatedProject = z
  .object({
    project_name: z.string(),
    path: z.string(),
    workspace: z.string(),
    status: z.enum(['pending', 'running', 'success', 'failed']),
    plan_output: z.string().optional(),
    apply_output: z.string().optional(),
    error: z.string().optional(),
    drift_before: AtlantisRemediationDrift.optional(),
    drift_after: AtlantisRemediationDrift.optional(),
  })
  .meta({ id: 'AtlantisRemediatedProject' });
export type AtlantisRemediatedProject = z.infer<typeof AtlantisRemediatedProject>;

export const AtlantisRemediation = z
  .object({
    id: z.uuid(),
    repository: z.string(),
    ref: z.string(),
    action: RemediationAction,
    status: RemediationStatus,
    started_at: z.iso.datetime(),
    completed_at: z.iso.datetime().optional().describe('Absent while it goes on.'),
    total_projects: Count,
    success_count: Count,
    failure_count: Count,
    projects: z.array(AtlantisRemediatedProject),
    error: z.string().optional().describe('Why it failed as a whole.'),
  })
  .meta({ id: 'AtlantisRemediation' });
export type AtlantisRemediation = z.infer<typeof AtlantisRemediation>;

/** Body of `GET /api/drift/remediate`: without `plan_output` and `apply_output`. */
export const AtlantisRemediations = z
  .object({ repository: z.string().optional(), count: Count, results: z.array(AtlantisRemediation) })
  .meta({ id: 'AtlantisRemediations' });
