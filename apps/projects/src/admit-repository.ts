import type { HandlerResult, ParsedInput, repositories } from '@terramesh/contracts';
import { type AdmissionRules, admitRepository } from './domain/admit-repository.js';
import type { ProjectsSettings } from './projects.settings.js';

export class AdmitRepository {
  private readonly rules: AdmissionRules;

  constructor(settings: ProjectsSettings) {
    const { repoAllowlist, githubUrl, gitlabUrl, giteaUrl } = settings;
    this.rules = { allowlist: repoAllowlist, hosts: { Github: githubUrl, Gitlab: gitlabUrl, Gitea: giteaUrl } };
  }

  admit(wanted: ParsedInput<typeof repositories.admit>): HandlerResult<typeof repositories.admit> {
    return admitRepository(wanted, this.rules);
  }
}
