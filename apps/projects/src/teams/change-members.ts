import { Injectable } from '@nestjs/common';
import {
  AppError,
  documentError,
  type ParsedInput,
  parseDocument,
  TeamMembershipsDocument,
  TeamUsersDocument,
  type teams,
} from '@terramesh/contracts';
import { notFound } from '../access/grants.js';
import { teamPermissions } from '../domain/identity-rules.js';
import { ProjectsDatabase } from '../persistence/projects-database.js';
import { maxMembers, type OrganizationMember, TeamRepository, type TeamRow } from '../persistence/team.repository.js';
import type { Transaction } from '../persistence/transaction.js';
import { write } from '../write.js';
import { OpenTeam } from './open-team.js';
import { teamFacts } from './team-view.js';

type Request = ParsedInput<typeof teams.addUsers>;

export type MembersBy = 'user' | 'membership';

@Injectable()
export class ChangeMembers {
  constructor(
    private readonly database: ProjectsDatabase,
    private readonly teams: TeamRepository,
    private readonly openTeam: OpenTeam,
  ) {}

  add(request: Request, by: MembersBy): Promise<Record<string, never>> {
    return this.change(request, by, async (tx, team, accountIds) => {
      await this.teams.addMembers(tx, team, accountIds);
      if (await this.teams.isAnyTooLarge(tx, [team.id])) throw teamFull();
    });
  }

  remove(request: Request, by: MembersBy): Promise<Record<string, never>> {
    return this.change(request, by, async (tx, team, accountIds) => {
      await this.teams.removeMembers(tx, team.id, accountIds);
      if (team.is_owners && (await this.teams.countMembers(tx, team.id)) === 0) throw lastOwner();
    });
  }

  private async change(
    { caller, id, document }: Request,
    by: MembersBy,
    work: (tx: Transaction, team: TeamRow, accountIds: string[]) => Promise<void>,
  ): Promise<Record<string, never>> {
    await write(this.database, async (tx) => {
      if (!(await this.teams.lock(tx, id))) throw notFound();
      const { row, grants } = await this.openTeam.open(tx, caller, id);
      if (!teamPermissions(grants, teamFacts(row)).canUpdateMembership) throw notFound();
      const schema = by === 'user' ? TeamUsersDocument : TeamMembershipsDocument;
      const ids = parseDocument(schema, document).data.map((item) => item.id);
      const found = await this.membersOf(tx, row, ids, by);
      await work(tx, row, found);
    });
    return {};
  }

  /** Throws with every one who is no member of the organization. */
  private async membersOf(tx: Transaction, team: TeamRow, ids: readonly string[], by: MembersBy): Promise<string[]> {
    const organizationId = team.organization_id;
    const found =
      by === 'user'
        ? await this.teams.membersByUser(tx, organizationId, ids)
        : await this.teams.membersByMembership(tx, organizationId, ids);
    const problems = ids.flatMap((id, index) =>
      found.some((member) => isMeant(member, id, by))
        ? []
        : [
            {
              title: 'invalid attribute',
              detail: `${id} is not a member of the organization`,
              pointer: `/data/${index}/id`,
            },
          ],
    );
    if (problems.length > 0) throw documentError(problems.slice(0, 100));
    return found.map((member) => member.account_id);
  }
}

export function lastOwner(): AppError {
  return new AppError('FORBIDDEN', 'an organization needs an owner');
}

export function teamFull(): AppError {
  return new AppError('CONFLICT', `a team has ${maxMembers} members at most`);
}

function isMeant(member: OrganizationMember, id: string, by: MembersBy): boolean {
  if (by === 'membership') return member.membership_id === id;
  return member.account_id === id || member.username.toLowerCase() === id.toLowerCase();
}
