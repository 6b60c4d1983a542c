// Workspaces ⇄ JSON:API: query parameters in, the one resource object of every answer out.
import {
  AppError,
  type EffectiveTag,
  type LockHolder,
  maxTagNames,
  type OperationInput,
  type TargetRun,
  type Workspace,
  type WorkspaceTagName,
  type workspaces,
} from '@terramesh/contracts';
import type { FastifyRequest } from 'fastify';
import { kebabKeys } from '../kebab.js';
import { decodeSort, decodeTagFilters } from '../projects/projects.codec.js';
import { queryText } from '../query.js';
import type { Relationship, Resource } from '../send-document.js';

type Search = Omit<OperationInput<typeof workspaces.list>, 'caller' | 'organizationName' | 'page' | 'include'>;

/** The latest run of a workspace: null for none, undefined when nobody could say. */
export type LatestRun = TargetRun | null | undefined;

/** Filters that the documentation has and we cannot answer: to ignore one would answer something else. */
const notServed = ['filter[current-run][status]'];

/** Throws INVALID. */
export function decodeWorkspaceQuery(request: FastifyRequest): Search {
  const unserved = notServed.find((name) => queryText(request, name));
  if (unserved !== undefined) throw new AppError('INVALID', `${unserved} is not supported`);
  return {
    sort: decodeSort(request),
    // Clients leave a filter out that they do not use, or send it empty.
    name: queryText(request, 'search[name]') || undefined,
    wildcardName: queryText(request, 'search[wildcard-name]') || undefined,
    projectId: queryText(request, 'filter[project][id]') || undefined,
    tags: namesIn(request, 'search[tags]'),
    excludedTags: namesIn(request, 'search[exclude-tags]'),
    tagged: decodeTagFilters(request),
  };
}

function namesIn(request: FastifyRequest, parameter: string): string[] {
  const names = (queryText(request, parameter) ?? '').split(',').flatMap((name) => name.trim() || []);
  if (names.length > maxTagNames) throw new AppError('INVALID', `${parameter} may name ${maxTagNames} tags at most`);
  return names;
}

export function encodeWorkspace(workspace: Workspace, latestRun: LatestRun): Resource {
  const path = `/api/v2/workspaces/${workspace.id}`;
  const { settings, permissions } = workspace;
  return {
    id: workspace.id,
    type: 'workspaces',
    attributes: {
      name: workspace.name,
      description: workspace.description,
      'created-at': workspace.createdAt,
      'updated-at': workspace.updatedAt,
      'execution-mode': workspace.executionMode,
      operations: workspace.executionMode !== 'local',
      'setting-overwrites': {
        'execution-mode': workspace.overwritesExecutionMode,
        'agent-pool': workspace.overwritesExecutionMode,
      },
      'terraform-version': workspace.terraformVersion,
      'working-directory': workspace.workingDirectory,
      'terraform-workspace': workspace.terraformWorkspace,
      locked: workspace.lock.person !== null || workspace.lock.holder !== null,
      'locked-reason': workspace.lock.person?.reason ?? null,
      'tag-names': workspace.tagNames,
      'vcs-repo': vcsRepoOf(workspace),
      'vcs-repo-identifier': workspace.vcs?.repository ?? null,
      ...kebabKeys(settings),
      'auto-destroy-activity-duration': workspace.autoDestroyActivityDuration,
      'can-queue-destroy-plan': false,
      // Nothing here counts what Terraform manages.
      'resource-count': null,
      actions: { 'is-destroyable': permissions.canDestroy },
      permissions: kebabKeys(permissions),
    },
    relationships: {
      organization: {
        data: { id: workspace.organizationName, type: 'organizations' },
        links: { related: `/api/v2/organizations/${workspace.organizationName}` },
      },
      project: {
        data: { id: workspace.projectId, type: 'projects' },
        links: { related: `/api/v2/projects/${workspace.projectId}` },
      },
      'current-run': runRelationship(path, latestRun),
      'latest-run': runRelationship(path, latestRun),
      'locked-by': lockedBy(workspace, latestRun),
      'current-state-version': { data: null, links: { related: `${path}/current-state-version` } },
      'agent-pool': { data: null },
      'remote-state-consumers': { links: { related: `${path}/relationships/remote-state-consumers` } },
      vars: { links: { related: `${path}/vars` } },
      'tag-bindings': { links: { related: `${path}/tag-bindings` } },
      'effective-tag-bindings': {
        ...(workspace.effectiveTags === null
          ? {}
          : { data: workspace.effectiveTags.map(({ id }) => ({ id, type: 'effective-tag-bindings' })) }),
        links: { related: `${path}/effective-tag-bindings` },
      },
    },
    links: { self: path },
  };
}

function vcsRepoOf({ vcs }: Workspace): object | null {
  if (vcs === null) return null;
  return {
    identifier: vcs.repository,
    'display-identifier': vcs.repository,
    branch: vcs.branch,
    'service-provider': vcs.type.toLowerCase(),
    'oauth-token-id': vcs.oauthTokenId,
    'github-app-installation-id': vcs.githubAppInstallationId,
    'ingress-submodules': false,
    'tags-regex': null,
  };
}

/** Without data when nobody could say: null would mean that there is none. */
function runRelationship(path: string, run: LatestRun): Relationship {
  if (run === undefined) return { links: { related: `${path}/runs` } };
  if (run === null) return { data: null };
  return { data: { id: run.id, type: 'runs' }, links: { related: `/api/v2/runs/${run.id}` } };
}

function lockedBy({ lock }: Workspace, latestRun: LatestRun): Relationship {
  if (lock.person !== null) {
    const { ownerId } = lock.person;
    const type = ownerId.startsWith('team-') ? 'teams' : 'users';
    return { data: { id: ownerId, type }, links: { related: `/api/v2/${type}/${ownerId}` } };
  }
  const id = lock.holder === null ? undefined : runIdOf(lock.holder, latestRun);
  // A pull request is no resource: `locked` alone says that somebody holds it.
  if (id === undefined) return { data: null };
  return { data: { id, type: 'runs' }, links: { related: `/api/v2/runs/${id}` } };
}

/** The run as this workspace lists it, where that is known. */
function runIdOf(holder: LockHolder, latestRun: LatestRun): string | undefined {
  if (holder.kind !== 'run') return undefined;
  return latestRun?.runId === holder.runId ? latestRun.id : holder.runId;
}

/** What `include=effective_tag_bindings` adds to the document. */
export function encodeEffectiveTag({ id, key, value, projectId }: EffectiveTag): Resource {
  const resource: Resource = { id, type: 'effective-tag-bindings', attributes: { key, value } };
  return projectId === null ? resource : { ...resource, links: { target: `/api/v2/projects/${projectId}` } };
}

export function encodeTagName(tag: WorkspaceTagName): Resource {
  return {
    id: tag.id,
    type: 'tags',
    attributes: { name: tag.name, 'created-at': tag.createdAt, 'instance-count': tag.instanceCount },
    relationships: { organization: { data: { id: tag.organizationName, type: 'organizations' } } },
  };
}
