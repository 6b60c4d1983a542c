// Which repository names are names: nothing here can be taken for a path, an option or another host.
import type { VcsType } from '@terramesh/contracts';

// Hosts allow nothing else in owners, groups and repositories; a leading dash would be an option to git.
const part = /^[A-Za-z0-9._][A-Za-z0-9._-]*$/;
const maxGitlabParts = 22; // a project below 20 levels of groups

/** What is wrong with the name, as a sentence for the caller; undefined when nothing is. */
export function repositoryProblem(type: VcsType, repository: string): string | undefined {
  const parts = repository.split('/');
  const expected = type === 'Gitlab' ? 'group/project, in any depth' : 'owner/name';
  const fits = type === 'Gitlab' ? parts.length >= 2 && parts.length <= maxGitlabParts : parts.length === 2;
  if (!fits || !parts.every((each) => part.test(each) && !/^\.+$/.test(each) && !each.includes('..'))) {
    return `repository must be ${expected}`;
  }
  if (repository.toLowerCase().endsWith('.git')) return 'repository must be named without .git';
  return undefined;
}
