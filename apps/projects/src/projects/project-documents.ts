import { createProjectDocument, type ProjectRules, updateProjectDocument } from '@terramesh/contracts';

/** The schemas of the request documents under the rules of this installation. */
export class ProjectDocuments {
  readonly create: ReturnType<typeof createProjectDocument>;
  readonly update: ReturnType<typeof updateProjectDocument>;

  constructor(rules: ProjectRules) {
    this.create = createProjectDocument(rules);
    this.update = updateProjectDocument(rules);
  }
}
