// What `include` adds to documents about workspaces.
import { Injectable } from '@nestjs/common';
import { type Caller, organizations, projects, type Workspace } from '@terramesh/contracts';
import { Mesh } from '@terramesh/mesh';
import { encodeOrganization } from '../organizations/organizations.codec.js';
import { encodeProject } from '../projects/projects.codec.js';
import type { Resource } from '../send-document.js';
import { encodeRun } from './runs.codec.js';
import { encodeEffectiveTag, type LatestRun } from './workspaces.codec.js';

export const workspaceIncludes = ['effective_tag_bindings', 'current_run', 'organization', 'project'] as const;
export type WorkspaceInclude = (typeof workspaceIncludes)[number];

/** Workspaces and the latest run of each, in the same order. */
export interface ShownWorkspaces {
  readonly items: readonly Workspace[];
  readonly latest: readonly LatestRun[];
}

@Injectable()
export class WorkspaceSideloads {
  constructor(private readonly mesh: Mesh) {}

  /** Each once; undefined when nothing was asked for. */
  async load(
    caller: Caller,
    shown: ShownWorkspaces,
    include: readonly WorkspaceInclude[],
  ): Promise<Resource[] | undefined> {
    if (include.length === 0) return undefined;
    const loaded = await Promise.all(include.map((name) => this.loadOne(caller, shown, name)));
    return withoutCircles([...new Map(loaded.flat().map((one) => [`${one.type} ${one.id}`, one])).values()]);
  }

  private async loadOne(
    caller: Caller,
    { items, latest }: ShownWorkspaces,
    name: WorkspaceInclude,
  ): Promise<Resource[]> {
    switch (name) {
      case 'effective_tag_bindings':
        return items.flatMap(({ effectiveTags }) => effectiveTags ?? []).map(encodeEffectiveTag);
      case 'current_run':
        return items.flatMap((workspace, index) => {
          const run = latest[index];
          return run === null || run === undefined ? [] : [encodeRun(run, workspace)];
        });
      case 'organization': {
        const names = different(items.map(({ organizationName }) => organizationName));
        const found = names.map((one) => this.mesh.call(organizations.show, { caller, name: one }));
        return (await Promise.all(found)).map(encodeOrganization);
      }
      case 'project': {
        const ids = different(items.map(({ projectId }) => projectId));
        return (await this.mesh.call(projects.find, { caller, ids })).items.map(encodeProject);
      }
    }
  }
}

/**
 * An organization beside its default project only links to it: HashiCorp's Go client follows identifiers among what is
 * included for as long as they lead on, and a project leads back to its organization.
 */
export function withoutCircles(included: readonly Resource[]): Resource[] {
  const projectIds = new Set(included.filter(({ type }) => type === 'projects').map(({ id }) => id));
  return included.map((resource) => {
    const { data, links } = resource.relationships?.['default-project'] ?? {};
    const isBeside = data !== undefined && data !== null && 'id' in data && projectIds.has(data.id);
    if (!isBeside || links === undefined) return resource;
    return { ...resource, relationships: { ...resource.relationships, 'default-project': { links } } };
  });
}

function different(names: readonly string[]): string[] {
  return [...new Set(names)];
}
