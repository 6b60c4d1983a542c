import { Injectable } from '@nestjs/common';
import {
  attributeError,
  CreateMembershipDocument,
  documentError,
  type Membership,
  type memberships,
  type ParsedInput,
  parseDocument,
} from '@terramesh/contracts';
import { type Grants, loadGrants, notFound, requireGrants } from '../access/grants.js';
import { canManageMembers, teamPermissions } from '../domain/identity-rules.js';
import { newId } from '../domain/ids.js';
import { AccountRepository } from '../persistence/account.repository.js';
import { MembershipRepository } from '../persistence/membership.repository.js';
import { ProjectsDatabase } from '../persistence/projects-database.js';
import { TeamRepository } from '../persistence/team.repository.js';
import type { Transaction } from '../persistence/transaction.js';
import { lastOwner, teamFull } from '../teams/change-members.js';
import { teamFacts } from '../teams/team-view.js';
import { write } from '../write.js';
import { membershipView } from './membership-view.js';

@Injectable()
export class ChangeMemberships {
  constructor(
    private readonly database: ProjectsDatabase,
    private readonly memberships: MembershipRepository,
    private readonly accounts: AccountRepository,
    private readonly teams: TeamRepository,
  ) {}

  create(request: ParsedInput<typeof memberships.create>): Promise<Membership> {
    const { caller, organizationName, document } = request;
    return write(this.database, async (tx) => {
      const grants = await requireGrants(tx, caller, { name: organizationName });
      if (!canManageMembers(grants)) throw notFound();
      const { attributes, relationships } = parseDocument(CreateMembershipDocument, document).data;
      const person = await this.accounts.findPerson(tx, attributes);
      if (person === undefined) throw nobody(attributes);
      const teams = await this.teamsOf(tx, grants, relationships?.teams?.data ?? []);
      const id = newId('ou');
      await this.memberships.insert(tx, { id, organizationId: grants.organization.id, accountId: person.id });
      await this.teams.join(tx, teams, { organizationId: grants.organization.id, accountId: person.id });
      if (await this.teams.isAnyTooLarge(tx, teams)) throw teamFull();
      const row = await this.memberships.find(tx, id);
      if (row === undefined) throw new Error('a membership just inserted is there');
      return membershipView(row, grants);
    });
  }

  async delete({ caller, id }: ParsedInput<typeof memberships.delete>): Promise<Record<string, never>> {
    await write(this.database, async (tx) => {
      const seen = await this.memberships.find(tx, id);
      const owners = seen && (await this.teams.lockOwners(tx, seen.organization_id));
      // Who is an owner may have changed before the lock.
      const row = await this.memberships.find(tx, id);
      const grants = row && (await loadGrants(tx, caller, { id: row.organization_id }));
      if (row === undefined || grants === undefined) throw notFound();
      const isOwn = caller.kind === 'user' && caller.accountId === row.account_id;
      if (!isOwn && !canManageMembers(grants)) throw notFound();
      if (owners !== undefined && (await this.teams.isMember(tx, owners, row.account_id))) {
        // Who may remove an owner could else become the only one.
        if (!isOwn && !grants.isOwner) throw notFound();
        if ((await this.teams.countMembers(tx, owners)) <= 1) throw lastOwner();
      }
      await this.memberships.delete(tx, id);
    });
    return {};
  }

  /** Their ids. Throws with every one that is none of the organization, or whose members the caller may not change. */
  private async teamsOf(tx: Transaction, grants: Grants, asked: readonly { id: string }[]): Promise<string[]> {
    const ids = asked.map(({ id }) => id);
    const allowed = new Set(
      (await this.teams.findStandings(tx, ids))
        .filter((team) => team.organization_id === grants.organization.id)
        .filter((team) => teamPermissions(grants, teamFacts(team)).canUpdateMembership)
        .map(({ id }) => id),
    );
    const problems = ids.flatMap((id, index) => {
      if (allowed.has(id)) return [];
      const pointer = `/data/relationships/teams/data/${index}/id`;
      return [{ title: 'invalid attribute', detail: `${id} is no team that you can add members to`, pointer }];
    });
    if (problems.length > 0) throw documentError(problems.slice(0, 100));
    return [...allowed];
  }
}

function nobody({ email }: { readonly email?: string | undefined }) {
  const detail = 'has no account yet; a site administrator makes accounts with POST /api/v2/admin/users';
  return email === undefined
    ? attributeError('username', `Username ${detail}`)
    : attributeError('email', `Email ${detail}`);
}
