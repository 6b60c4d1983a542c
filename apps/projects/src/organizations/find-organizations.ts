import { Injectable } from '@nestjs/common';
import type { HandlerResult, organizations, ParsedInput } from '@terramesh/contracts';
import { notFound } from '../access/grants.js';
import { OrganizationRepository } from '../persistence/organization.repository.js';
import { ProjectsDatabase } from '../persistence/projects-database.js';
import { organizationView } from './organization-view.js';

@Injectable()
export class FindOrganizations {
  constructor(
    private readonly database: ProjectsDatabase,
    private readonly organizations: OrganizationRepository,
  ) {}

  async show(request: ParsedInput<typeof organizations.show>): Promise<HandlerResult<typeof organizations.show>> {
    const { manager } = this.database.dataSource;
    const found = await this.organizations.find(manager, request.caller, { name: request.name });
    if (found === undefined) throw notFound();
    return organizationView(found);
  }

  async list(request: ParsedInput<typeof organizations.list>): Promise<HandlerResult<typeof organizations.list>> {
    const { caller, page, query } = request;
    const { manager } = this.database.dataSource;
    const { found, total, matching } = await this.organizations.list(manager, caller, page, query);
    return { items: found.map(organizationView), total, matching };
  }
}
