import type { VcsType } from '@terramesh/contracts';
import type { GitCredentials } from './checkout/git-environment.js';
import type { RunsSettings } from './runs.settings.js';

/** What a clone from this host needs; null when no token is set. */
export function credentialsFor(settings: RunsSettings, type: VcsType): GitCredentials | null {
  const { githubUser, githubToken, gitlabUser, gitlabToken, giteaUser, giteaToken } = settings;
  const [username, password] = {
    Github: [githubUser, githubToken],
    Gitlab: [gitlabUser, gitlabToken],
    Gitea: [giteaUser, giteaToken],
  }[type];
  return username === undefined || password === undefined ? null : { username, password };
}
