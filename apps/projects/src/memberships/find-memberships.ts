import { Injectable } from '@nestjs/common';
import type { HandlerResult, Membership, memberships, ParsedInput } from '@terramesh/contracts';
import { type Grants, loadGrants, notFound, requireGrants } from '../access/grants.js';
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
    const grants = await loadGrants(manager, caller, { id: row.organization_id });
    if (grants === undefined) throw notFound();
    return membershipView(row, grants);
  }

  async find({ caller, ids }: ParsedInput<typeof memberships.find>): Promise<HandlerResult<typeof memberships.find>> {
    const { manager } = this.database.dataSource;
    const rows = await this.memberships.findAll(manager, ids);
    const grants = new Map<string, Grants | undefined>();
    for (const id of new Set(rows.map((row) => row.organization_id))) {
      grants.set(id, await loadGrants(manager, caller, { id }));
    }
    const items = rows.flatMap((row) => {
      const viewer = grants.get(row.organization_id);
      return viewer === undefined ? [] : [membershipView(row, viewer)];
    });
    return { items };
  }

  async list(request: ParsedInput<typeof memberships.list>): Promise<HandlerResult<typeof memberships.list>> {
    const { caller, organizationName, page, query, emails } = request;
    const { manager } = this.database.dataSource;
    const grants = organizationName === null ? null : await requireGrants(manager, caller, { name: organizationName });
    const accountId = grants === null ? caller.accountId : null;
    const filter = { organizationId: grants?.organization.id ?? null, accountId, query, emails };
    const { rows, total, matching } = await this.memberships.list(manager, filter, page);
    return { items: rows.map((row) => membershipView(row, grants ?? 'own')), total, matching };
  }
}
