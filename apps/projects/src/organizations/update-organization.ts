import { Injectable } from '@nestjs/common';
import {
  type HandlerResult,
  type organizations,
  type ParsedInput,
  parseDocument,
  UpdateOrganizationDocument,
} from '@terramesh/contracts';
import { notFound, requireGrants } from '../access/grants.js';
import { canManageOrganization } from '../domain/identity-rules.js';
import { OrganizationEntity } from '../persistence/organization.entity.js';
import { OrganizationRepository } from '../persistence/organization.repository.js';
import { ProjectsDatabase } from '../persistence/projects-database.js';
import { write } from '../write.js';
import { changedSettings } from './organization-settings.js';
import { organizationView } from './organization-view.js';

@Injectable()
export class UpdateOrganization {
  constructor(
    private readonly database: ProjectsDatabase,
    private readonly organizations: OrganizationRepository,
  ) {}

  update(request: ParsedInput<typeof organizations.update>): Promise<HandlerResult<typeof organizations.update>> {
    const { caller, name, document } = request;
    return write(this.database, async (tx) => {
      const grants = await requireGrants(tx, caller, { name });
      if (!canManageOrganization(grants)) throw notFound();
      const { attributes } = parseDocument(UpdateOrganizationDocument, document).data;
      const { id } = grants.organization;
      if (!(await this.organizations.lock(tx, id))) throw notFound();
      const before = await tx.findOneByOrFail(OrganizationEntity, { id });
      await tx.update(
        OrganizationEntity,
        { id },
        {
          name: attributes.name ?? before.name,
          email: attributes.email ?? before.email,
          settings: changedSettings(before.settings, attributes),
        },
      );
      const found = await this.organizations.find(tx, caller, { id });
      if (found === undefined) throw notFound();
      return organizationView(found);
    });
  }
}
