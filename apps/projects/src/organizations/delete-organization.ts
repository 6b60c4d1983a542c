import { Injectable } from '@nestjs/common';
import type { HandlerResult, organizations, ParsedInput } from '@terramesh/contracts';
import { notFound, requireGrants } from '../access/grants.js';
import { canManageOrganization } from '../domain/identity-rules.js';
import { OrganizationEntity } from '../persistence/organization.entity.js';
import { OrganizationRepository } from '../persistence/organization.repository.js';
import { ProjectsDatabase } from '../persistence/projects-database.js';
import { write } from '../write.js';

@Injectable()
export class DeleteOrganization {
  constructor(
    private readonly database: ProjectsDatabase,
    private readonly organizations: OrganizationRepository,
  ) {}

  async delete(request: ParsedInput<typeof organizations.delete>): Promise<HandlerResult<typeof organizations.delete>> {
    await write(this.database, async (tx) => {
      const grants = await requireGrants(tx, request.caller, { name: request.name });
      if (!canManageOrganization(grants)) throw notFound();
      const { id } = grants.organization;
      if (!(await this.organizations.lock(tx, id))) throw notFound();
      // Before the cascade: no project goes while it has workspaces.
      await tx.query('delete from workspace where organization_id = $1', [id]);
      await tx.delete(OrganizationEntity, { id });
    });
    return {};
  }
}
