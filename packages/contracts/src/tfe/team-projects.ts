// Served by apps/projects: which teams may do what in which projects.
import { z } from 'zod';
import { operation } from '../operation.js';
import { Caller } from './caller.js';
import { Document } from './document.js';
import { PageRequest, pageOf } from './page.js';
import { ProjectAccess, ProjectAccessName, WorkspaceAccess } from './project-access.js';

export const TeamProject = z.object({
  /** `tprj-…` */
  id: z.string(),
  teamId: z.string(),
  projectId: z.string(),
  access: ProjectAccessName,
  /** What the access stands for; of `custom`, what was chosen. */
  projectAccess: ProjectAccess,
  workspaceAccess: WorkspaceAccess,
});
export type TeamProject = z.infer<typeof TeamProject>;

const one = { caller: Caller, id: z.string() };

/** All answer NOT_FOUND for what the caller may not see or do; reading them takes `teams: read`, writing `teams: manage`. */
export const teamProjects = {
  list: operation({
    subject: 'projects.list-team-projects',
    input: z.object({ caller: Caller, projectId: z.string(), page: PageRequest }),
    output: pageOf(TeamProject),
    idempotent: true,
  }),
  show: operation({
    subject: 'projects.show-team-project',
    input: z.object(one),
    output: TeamProject,
    idempotent: true,
  }),
  create: operation({
    subject: 'projects.create-team-project',
    input: z.object({ caller: Caller, document: Document }),
    output: TeamProject,
  }),
  update: operation({
    subject: 'projects.update-team-project',
    input: z.object({ ...one, document: Document }),
    output: TeamProject,
    idempotent: true,
  }),
  delete: operation({ subject: 'projects.delete-team-project', input: z.object(one), output: z.object({}) }),
};
