// Team-projects ⇄ JSON:API.
import { AppError, type TeamProject } from '@terramesh/contracts';
import type { FastifyRequest } from 'fastify';
import { kebabKeys } from '../kebab.js';
import { queryText } from '../query.js';
import type { Resource } from '../send-document.js';

/** Throws INVALID when the filter is missing, without which nothing is listed. */
export function decodeProjectFilter(request: FastifyRequest): string {
  const id = queryText(request, 'filter[project][id]') ?? '';
  if (id === '') throw new AppError('INVALID', 'filter[project][id] is required');
  return id;
}

export function encodeTeamProject(teamProject: TeamProject): Resource {
  const { id, teamId, projectId, access, projectAccess, workspaceAccess } = teamProject;
  return {
    id,
    type: 'team-projects',
    attributes: {
      access,
      'project-access': kebabKeys(projectAccess),
      'workspace-access': kebabKeys(workspaceAccess),
    },
    relationships: {
      team: { data: { id: teamId, type: 'teams' }, links: { related: `/api/v2/teams/${teamId}` } },
      project: { data: { id: projectId, type: 'projects' }, links: { related: `/api/v2/projects/${projectId}` } },
    },
    links: { self: `/api/v2/team-projects/${id}` },
  };
}
