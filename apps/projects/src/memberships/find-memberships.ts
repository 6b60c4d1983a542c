import { Injectable } from '@nestjs/common';
import type { HandlerResult, Membership, memberships, ParsedInput } from '@terramesh/contracts';
import { loadGrants, notFound, requireGrants } from '../access/grants.js';
import { MembershipRepository } from '../persistence/membership.repository.js';
import { ProjectsDatabase } from '../persistence/projects-database.js';
import { membershipView } from './membership-view.js';

@Injectable()
export class FindMemberships {
  constructor(
    private readonly database: ProjectsDatabase,
    private readonly memberships: MembershipRepository,
  ) {}

  async show({ caller, id }: ParsedInput<typeof memberships.show>): Promise<Membership> {
    const { manager } = this.database.dataSource;
    const row = await this.memberships.find(manager, id);
    if (row === undefined) throw notFound();
    if ((await loadGrants(manager, caller, { id: row.organization_id })) === undefined) throw notFound();
    return membershipView(row);
  }

  async find({ caller, ids }: ParsedInput<typeof memberships.find>): Promise<HandlerResult<typeof memberships.find>> {
    const { manager } = this.database.dataSource;
    const rows = await this.memberships.findAll(manager, ids);
    const seen = new Set<string>();
    for (const id of new Set(rows.map((row) => row.organization_id))) {
      if ((await loadGrants(manager, caller, { id })) !== undefined) seen.add(id);
    }
    return { items: rows.filter((row) => seen.has(row.organization_id)).map(membershipView) };
  }

  async list(request: ParsedInput<typeof memberships.list>): Promise<HandlerResult<typeof memberships.list>> {
    const { caller, organizationName, page, query, emails } = request;
    const { manager } = this.database.dataSource;
    const organizationId =
      organizationName === null
        ? null
        : (await requireGrants(manager, caller, { name: organizationName })).organization.id;
    const accountId = organizationName === null ? caller.accountId : null;
    const filter = { organizationId, accountId, query, emails };
    const { rows, total, matching } = await this.memberships.list(manager, filter, page);
    return { items: rows.map(membershipView), total, matching };
  }
}
