// From the id of a team to the team as this caller may see it.
import { Injectable } from '@nestjs/common';
import type { Caller } from '@terramesh/contracts';
import { type Grants, loadGrants, notFound } from '../access/grants.js';
import { canSeeTeam } from '../domain/identity-rules.js';
import { TeamRepository, type TeamRow } from '../persistence/team.repository.js';
import type { Transaction } from '../persistence/transaction.js';
import { teamFacts } from './team-view.js';

export interface OpenedTeam {
  readonly row: TeamRow;
  readonly grants: Grants;
}

@Injectable()
export class OpenTeam {
  constructor(private readonly teams: TeamRepository) {}

  /** Throws NOT_FOUND for a team that the caller may not know of. */
  async open(tx: Transaction, caller: Caller, id: string): Promise<OpenedTeam> {
    const row = await this.teams.find(tx, id);
    const grants = row && (await loadGrants(tx, caller, { id: row.organization_id }));
    if (row === undefined || grants === undefined || !canSeeTeam(grants, teamFacts(row))) throw notFound();
    return { row, grants };
  }
}
