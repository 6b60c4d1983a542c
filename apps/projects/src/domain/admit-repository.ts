// Decides whether a repository may be used, and says where it is.
import { AppError, type OperationOutput, type repositories, type VcsType } from '@terramesh/contracts';
import { type Allowlist, isAllowed } from './allowlist.js';
import type { BaseUrl } from './base-url.js';
import { repositoryProblem } from './repository-name.js';

export type Admitted = OperationOutput<typeof repositories.admit>;

export interface AdmissionRules {
  readonly allowlist: Allowlist;
  /** Null for a host that is not used. */
  readonly hosts: Readonly<Record<VcsType, BaseUrl | null>>;
}

const publicHosts: Readonly<Record<VcsType, string>> = {
  Github: 'github.com',
  Gitlab: 'gitlab.com',
  Gitea: 'gitea.com',
};
const settingNames: Readonly<Record<VcsType, string>> = {
  Github: 'TERRAMESH_GITHUB_URL',
  Gitlab: 'TERRAMESH_GITLAB_URL',
  Gitea: 'TERRAMESH_GITEA_URL',
};

/** Throws INVALID for a bad name or a host that is not used, FORBIDDEN when the allowlist refuses it. */
export function admitRepository(wanted: { type: VcsType; repository: string }, rules: AdmissionRules): Admitted {
  const { type, repository } = wanted;
  const host = rules.hosts[type];
  if (host === null) throw new AppError('INVALID', `${type} is not configured: set ${settingNames[type]}`);
  const problem = repositoryProblem(type, repository);
  if (problem !== undefined) throw new AppError('INVALID', problem);
  const hostname = host.hostname === '' ? publicHosts[type] : host.hostname;
  if (!isAllowed(rules.allowlist, { hostname, repository })) throw new AppError('FORBIDDEN', 'repo not allowlisted');
  return { hostname, repository, cloneUrl: `${host.url}/${repository}.git` };
}
