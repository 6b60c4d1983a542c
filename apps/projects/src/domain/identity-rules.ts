// Who may do what to an organization, its teams, its members and their tokens.

/** What the caller's place in the organization says. */
export interface Place {
  readonly isOwner: boolean;
  readonly isOrganizationToken: boolean;
  readonly organizationAccess: ReadonlySet<string>;
  readonly teamIds: readonly string[];
}

export interface TeamFacts {
  readonly id: string;
  readonly isOwners: boolean;
  readonly visibility: 'secret' | 'organization';
  readonly allowMemberTokenManagement: boolean;
}

/** An organization's token may not change the organization itself. */
export function canManageOrganization(place: Place): boolean {
  return place.isOwner;
}

export function canManageTeams(place: Place): boolean {
  return place.isOwner || place.isOrganizationToken || place.organizationAccess.has('manage-teams');
}

export function canManageMembers(place: Place): boolean {
  return place.isOwner || place.isOrganizationToken || place.organizationAccess.has('manage-membership');
}

export function canGrantAccess(place: Place): boolean {
  return place.isOwner || place.isOrganizationToken || place.organizationAccess.has('manage-organization-access');
}

export function seesSecretTeams(place: Place): boolean {
  return canManageTeams(place) || canManageMembers(place) || place.organizationAccess.has('access-secret-teams');
}

export function canSeeTeam(place: Place, team: TeamFacts): boolean {
  return team.visibility === 'organization' || place.teamIds.includes(team.id) || seesSecretTeams(place);
}

/** What is done to the owners is the owners' alone: it would make anybody an owner. */
export function teamPermissions(place: Place, team: TeamFacts) {
  const manages = canManageTeams(place);
  const isMember = place.teamIds.includes(team.id);
  const makesTokens = manages || (isMember && team.allowMemberTokenManagement);
  return {
    canUpdateMembership: team.isOwners ? place.isOwner : manages || canManageMembers(place),
    canDestroy: !team.isOwners && manages,
    canUpdateOrganizationAccess: !team.isOwners && canGrantAccess(place),
    canUpdateApiToken: team.isOwners ? place.isOwner : makesTokens,
    canUpdateVisibility: !team.isOwners && manages,
    canUpdateName: !team.isOwners && manages,
  };
}

/** Each of these is worth nothing without the other. */
const needs: readonly (readonly [name: string, needed: string])[] = [
  ['manage-projects', 'manage-workspaces'],
  ['read-projects', 'read-workspaces'],
];

/** What is wrong with a set of permissions, one sentence each. */
export function accessProblems(access: readonly string[]): string[] {
  return needs
    .filter(([name, needed]) => access.includes(name) && !access.includes(needed))
    .map(([name, needed]) => `Organization access ${name} needs ${needed}`);
}
