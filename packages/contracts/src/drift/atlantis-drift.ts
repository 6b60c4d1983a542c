// The wire shapes of Atlantis' drift routes: flat; PascalCase where Atlantis has it.
import { z } from 'zod';
import { repositoryProblem } from '../atlantis.js';
import { maxTargets, Ref, TerraformWorkspaceName } from '../start-run.js';
import { VcsType } from '../targets.js';
import { DetectionStatus } from './detections.js';

/** With every member, in Atlantis' order. */
export const AtlantisDrift = z
  .object({
    HasDrift: z.boolean(),
    ToAdd: z.int().nonnegative(),
    ToChange: z.int().nonnegative(),
    ToDestroy: z.int().nonnegative(),
    ToImport: z.int().nonnegative(),
    ChangesOutside: z.boolean(),
    Summary: z.string(),
  })
  .meta({ id: 'AtlantisDrift' });
export type AtlantisDrift = z.infer<typeof AtlantisDrift>;

/** UTC, to the second: `2025-01-21T10:30:00Z`. */
const AtlantisTime = z.iso.datetime({ precision: 0 });

export const AtlantisDriftStatus = z
  .object({
    Repository: z.string(),
    TotalProjects: z.int().nonnegative(),
    ProjectsWithDrift: z.int().nonnegative(),
    CheckedAt: AtlantisTime,
    Projects: z.array(
      z.object({
        ProjectName: z.string(),
        Path: z.string(),
        Workspace: z.string(),
        Ref: z.string(),
        Drift: AtlantisDrift,
        LastChecked: AtlantisTime,
      }),
    ),
  })
  .meta({ id: 'AtlantisDriftStatus' });
export type AtlantisDriftStatus = z.infer<typeof AtlantisDriftStatus>;

const Workspace = z.string().refine((name) => name === '' || TerraformWorkspaceName.safeParse(name).success, {
  error: (issue) => `invalid workspace ${JSON.stringify(issue.input)}`,
});

/** Body of `POST /api/drift/detect`, keys in their canonical case. */
export const AtlantisDetectRequest = z
  .object({
    repository: z.string().min(1).max(512, 'is too long'),
    ref: Ref,
    type: z.enum(VcsType.options, {
      error: (issue) => `${JSON.stringify(issue.input)} is not a valid type, use ${VcsType.options.join(', ')}`,
    }),
    projects: z
      .array(z.string().min(1, 'must not be empty').max(255))
      .max(maxTargets)
      .optional()
      .describe('Names of projects; without them and `paths`, every project of the ref.'),
    paths: z
      .array(
        z
          .object({ directory: z.string().max(1024, 'is too long').optional(), workspace: Workspace.optional() })
          .refine((path) => Boolean(path.directory) || Boolean(path.workspace), {
            message: 'at least one of directory or workspace must be specified',
          }),
      )
      .max(maxTargets)
      .optional(),
  })
  .superRefine((request, context) => {
    const problem = repositoryProblem(request.type, request.repository);
    if (problem) context.addIssue({ code: 'custom', path: ['repository'], message: problem });
    if (request.projects?.length && request.paths?.length) {
      context.addIssue({ code: 'custom', message: 'projects and paths cannot both be set' });
    }
  })
  .meta({ id: 'AtlantisDetectRequest' });
export type AtlantisDetectRequest = z.infer<typeof AtlantisDetectRequest>;

const Count = z.int().nonnegative();

export const AtlantisDetectedProject = z
  .object({
    project_name: z.string(),
    path: z.string(),
    workspace: z.string(),
    ref: z.string(),
    has_drift: z.boolean(),
    drift: AtlantisDrift.optional().describe('Absent when it could not be checked.'),
    last_checked: AtlantisTime,
    error: z.string().optional().describe('Why it could not be checked.'),
  })
  .meta({ id: 'AtlantisDetectedProject' });
export type AtlantisDetectedProject = z.infer<typeof AtlantisDetectedProject>;

const detection = {
  id: z.uuid(),
  repository: z.string(),
  ref: z.string(),
  status: DetectionStatus,
  started_at: AtlantisTime,
  detected_at: AtlantisTime.optional().describe('Absent while it goes on.'),
  resolved_commit: z.string().optional(),
  run_id: z.string().optional(),
  schedule_id: z.string().optional(),
  total_projects: Count,
  projects_with_drift: Count,
  failure_count: Count.describe('How many could not be checked.'),
};
const error = z.string().optional().describe('Why it failed as a whole.');

/** Body of `POST /api/drift/detect` and `GET /api/drift/detections/:id`. */
export const AtlantisDetection = z
  .object({ ...detection, projects: z.array(AtlantisDetectedProject), error })
  .meta({ id: 'AtlantisDetection' });
export type AtlantisDetection = z.infer<typeof AtlantisDetection>;

const ListedDetection = z.object({ ...detection, error }).meta({ id: 'AtlantisListedDetection' });

export const AtlantisDetections = z
  .object({ detections: z.array(ListedDetection), next: z.string().nullable() })
  .meta({ id: 'AtlantisDetections' });
export type AtlantisDetections = z.infer<typeof AtlantisDetections>;
