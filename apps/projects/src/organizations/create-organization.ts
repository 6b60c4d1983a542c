import { Injectable } from '@nestjs/common';
import {
  CreateOrganizationDocument,
  type HandlerResult,
  type organizations,
  type ParsedInput,
  parseDocument,
} from '@terramesh/contracts';
import { notFound } from '../access/grants.js';
import { newId } from '../domain/ids.js';
import { OrganizationEntity } from '../persistence/organization.entity.js';
import { OrganizationRepository } from '../persistence/organization.repository.js';
import { ProjectsDatabase } from '../persistence/projects-database.js';
import { TeamEntity } from '../persistence/team.entity.js';
import { createDefaultProject } from '../projects/create-default-project.js';
import { write } from '../write.js';
import { changedSettings } from './organization-settings.js';
import { organizationView } from './organization-view.js';

@Injectable()
export class CreateOrganization {
  constructor(
    private readonly database: ProjectsDatabase,
    private readonly organizations: OrganizationRepository,
  ) {}

  create(request: ParsedInput<typeof organizations.create>): Promise<HandlerResult<typeof organizations.create>> {
    const { caller, document } = request;
    if (caller.kind !== 'user') throw notFound();
    const { attributes } = parseDocument(CreateOrganizationDocument, document).data;
    return write(this.database, async (tx) => {
      const id = newId('org');
      const { name, email } = attributes;
      await tx.insert(OrganizationEntity, { id, name, email, settings: changedSettings({}, attributes) });
      await tx.query('insert into organization_membership (id, organization_id, account_id) values ($1, $2, $3)', [
        newId('ou'),
        id,
        caller.accountId,
      ]);
      const owners = { id: newId('team'), organizationId: id, name: 'owners', isOwners: true };
      await tx.insert(TeamEntity, owners);
      await tx.query('insert into team_member (team_id, organization_id, account_id) values ($1, $2, $3)', [
        owners.id,
        id,
        caller.accountId,
      ]);
      await createDefaultProject(tx, id);
      const found = await this.organizations.find(tx, caller, { id });
      if (found === undefined) throw new Error('an organization just inserted is there');
      return organizationView(found);
    });
  }
}
