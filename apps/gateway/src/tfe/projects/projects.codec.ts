// Projects ⇄ JSON:API: query parameters in, the one resource object of every answer out.
import {
  AppError,
  maxNameFilters,
  maxTagFilters,
  type Project,
  type TagBinding,
  type TagFilter,
} from '@terramesh/contracts';
import type { FastifyRequest } from 'fastify';
import { kebabKeys } from '../kebab.js';
import { queryEntries, queryText } from '../query.js';
import type { Resource, ResourceIdentifier } from '../send-document.js';

export interface ProjectQuery {
  readonly names?: string[];
  readonly query?: string;
  readonly permissions: ('update' | 'create-workspace')[];
  readonly tagged: TagFilter[];
  readonly sort: 'name' | '-name';
}

/** Throws INVALID. */
export function decodeProjectQuery(request: FastifyRequest): ProjectQuery {
  const names = queryText(request, 'filter[names]')?.split(',');
  if (names !== undefined && names.length > maxNameFilters) {
    throw new AppError('INVALID', `filter[names] may hold ${maxNameFilters} names at most`);
  }
  const query = queryText(request, 'q');
  const isAsked = (permission: string) => queryText(request, `filter[permissions][${permission}]`) !== undefined;
  return {
    // Clients leave a filter out that they do not use, or send it empty.
    ...(names === undefined || names.join('') === '' ? {} : { names }),
    ...(query === undefined ? {} : { query }),
    permissions: (['update', 'create-workspace'] as const).filter(isAsked),
    tagged: decodeTagFilters(request),
    sort: decodeSort(request),
  };
}

export function decodeSort(request: FastifyRequest): 'name' | '-name' {
  const sort = queryText(request, 'sort') ?? '';
  if (sort !== '' && sort !== 'name' && sort !== '-name') throw new AppError('INVALID', 'sort may be name or -name');
  return sort === '-name' ? '-name' : 'name';
}

/** `filter[tagged][0][key]=env&filter[tagged][0][value]=prod` */
export function decodeTagFilters(request: FastifyRequest): TagFilter[] {
  const filters = new Map<string, Partial<TagFilter>>();
  for (const [name, text] of queryEntries(request)) {
    const [, index, member] = /^filter\[tagged\]\[(\d{1,6})\]\[(key|value)\]$/.exec(name) ?? [];
    if (index === undefined || member === undefined) continue;
    filters.set(index, { ...filters.get(index), [member]: text });
  }
  if (filters.size > maxTagFilters)
    throw new AppError('INVALID', `filter[tagged] may name ${maxTagFilters} tags at most`);
  return [...filters].map(([index, { key = '', value = '' }]) => {
    if (key === '') throw new AppError('INVALID', `filter[tagged][${index}][key] is missing`);
    if (key.length > maxTagLength || value.length > maxTagLength) {
      throw new AppError('INVALID', `filter[tagged][${index}] is too long`);
    }
    return { key, value };
  });
}

const maxTagLength = 1000;

/** Tags of a project are its effective ones: nothing is above it to inherit from. */
export function encodeProject(project: Project): Resource {
  const path = `/api/v2/projects/${project.id}`;
  return {
    id: project.id,
    type: 'projects',
    attributes: {
      name: project.name,
      permissions: kebabKeys(project.permissions),
      description: project.description,
      'created-at': project.createdAt,
      'workspace-count': project.workspaceCount,
      'team-count': project.teamCount,
      'auto-destroy-activity-duration': project.autoDestroyActivityDuration,
      'default-execution-mode': project.defaultExecutionMode,
      'setting-overwrites': {
        'default-execution-mode': project.overwritesExecutionMode,
        'default-agent-pool': project.overwritesExecutionMode,
      },
    },
    relationships: {
      organization: {
        data: { id: project.organizationName, type: 'organizations' },
        links: { related: `/api/v2/organizations/${project.organizationName}` },
      },
      'default-agent-pool': { data: null },
      'tag-bindings': { links: { related: `${path}/tag-bindings` } },
      'effective-tag-bindings': {
        ...(project.tagBindings === null ? {} : { data: project.tagBindings.map(identifierOf) }),
        links: { related: `${path}/effective-tag-bindings` },
      },
    },
    links: { self: path },
  };
}

/** What `include=effective_tag_bindings` adds to the document; undefined without it. */
export function encodeIncluded(projects: readonly Project[]): Resource[] | undefined {
  const tags = projects.map(({ tagBindings }) => tagBindings).filter((tagBindings) => tagBindings !== null);
  return tags.length === 0 ? undefined : tags.flat().map((tag) => encodeTag(tag, 'effective-tag-bindings'));
}

export function encodeTag({ id, key, value }: TagBinding, type: 'tag-bindings' | 'effective-tag-bindings'): Resource {
  return { id, type, attributes: { key, value } };
}

function identifierOf({ id }: TagBinding): ResourceIdentifier {
  return { id, type: 'effective-tag-bindings' };
}
