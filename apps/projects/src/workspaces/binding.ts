// Binds a workspace to a repository: admitted by the same rules as runs.
import { Injectable } from '@nestjs/common';
import type { UpdateWorkspaceDocument } from '@terramesh/contracts';
import { attributeError } from '@terramesh/contracts';
import type { z } from 'zod';
import { AdmitRepository } from '../admit-repository.js';
import type { WorkspaceAttributes } from '../persistence/workspace.repository.js';
import { refusingRepository } from './refusals.js';
import { unbound, wantedRepository } from './wanted-workspace.js';

type VcsRepo = z.output<typeof UpdateWorkspaceDocument>['data']['attributes']['vcs-repo'];

@Injectable()
export class Binding {
  constructor(private readonly admitRepository: AdmitRepository) {}

  /** The attributes with the repository that is asked for. UNPROCESSABLE when it may not be used. */
  apply(attributes: WorkspaceAttributes, given: VcsRepo): WorkspaceAttributes {
    const wanted = wantedRepository(attributes, given);
    if (wanted === undefined) return attributes;
    if (wanted === null) return { ...attributes, ...unbound };
    const { type, repository, ...rest } = wanted;
    if (repository === '') throw attributeError('vcs-repo', "Identifier can't be blank");
    const { hostname } = refusingRepository(() => this.admitRepository.admit({ type, repository }));
    return { ...attributes, vcsType: type, hostname, repository, ...rest };
  }
}
