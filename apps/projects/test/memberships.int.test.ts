// What members of an organization learn of each other, and which teams a new member can be put in.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Caller, memberships } from '@terramesh/contracts';
import { newId } from '../src/domain/ids.js';
import { type Member, type Organization, rejectsWith, startTfeWorld, type TfeWorld } from './tfe-world.js';

let world: TfeWorld;
let acme: Organization;
let secretive: Member;
let membershipId: string;
beforeAll(async () => {
  world = await startTfeWorld();
  acme = await world.addOrganization();
  secretive = await acme.addMember();
  const [row] = await world.sql('select id from organization_membership where account_id = $1', [
    secretive.caller.accountId,
  ]);
  membershipId = String(row?.id);
});
afterAll(() => world?.stop());

const page = { number: 1, size: 100 };

async function teamsSeenBy(caller: Caller): Promise<string[][]> {
  const { items } = await world.mesh.call(memberships.list, { caller, organizationName: acme.name, page });
  const listed = items.find(({ id }) => id === membershipId);
  const shown = await world.mesh.call(memberships.show, { caller, id: membershipId });
  const found = await world.mesh.call(memberships.find, { caller, ids: [membershipId] });
  return [listed, shown, found.items[0]].map((membership) => membership?.teamIds ?? []);
}

test('a secret team of a member is told to the owners, to who manages members, and to its own', async () => {
  const { caller: other } = await acme.addMember();
  const { caller: manager } = await acme.addMember(['manage-membership']);
  const all = [[secretive.teamId], [secretive.teamId], [secretive.teamId]];
  expect(await teamsSeenBy(other)).toEqual([[], [], []]);
  expect(await teamsSeenBy(manager)).toEqual(all);
  expect(await teamsSeenBy(acme.owner)).toEqual(all);
  expect(await teamsSeenBy(secretive.caller)).toEqual(all);
  const own = await world.mesh.call(memberships.list, { caller: secretive.caller, organizationName: null, page });
  expect(own.items.map(({ teamIds }) => teamIds)).toEqual([[secretive.teamId]]);
  await world.sql(`update team set visibility = 'organization' where id = $1`, [secretive.teamId]);
  expect(await teamsSeenBy(other)).toEqual(all);
  await world.sql(`update team set visibility = 'secret' where id = $1`, [secretive.teamId]);
});

async function addAccount(): Promise<string> {
  const username = newId('user');
  await world.sql('insert into account (id, username, email) values ($1, $1, $2)', [
    username,
    `${username}@example.com`,
  ]);
  return username;
}

const invite = (caller: Caller, username: string, teamIds: readonly string[]) =>
  world.mesh.call(memberships.create, {
    caller,
    organizationName: acme.name,
    document: {
      data: {
        type: 'organization-memberships',
        attributes: { username },
        relationships: { teams: { data: teamIds.map((id) => ({ type: 'teams', id })) } },
      },
    },
  });

test('a new member joins teams of this organization only; every other one is told', async () => {
  const { teamId: foreign } = await (await world.addOrganization()).addMember();
  const [owners] = await world.sql('select id from team where organization_id = $1 and is_owners', [acme.id]);
  const { caller: manager, teamId } = await acme.addMember(['manage-membership']);
  const username = await addAccount();
  await expect(invite(manager, username, [teamId, foreign, 'team-none', String(owners?.id)])).rejects.toMatchObject({
    code: 'UNPROCESSABLE',
    details: {
      problems: [1, 2, 3].map((index) => ({
        title: 'invalid attribute',
        detail: expect.stringContaining('is no team that you can add members to'),
        pointer: `/data/relationships/teams/data/${index}/id`,
      })),
    },
  });
  const made = await invite(manager, username, [teamId, secretive.teamId, teamId]);
  expect(made.teamIds).toEqual([teamId, secretive.teamId].sort());
});

test('a team is no larger for being joined by a new member', async () => {
  const { teamId } = await acme.addMember();
  await world.sql(
    `with made as (insert into account (id, username, email)
       select 'user-' || n, 'u' || n, n || '@example.com' from generate_series(1, 9999) n returning id),
     joined as (insert into organization_membership (id, organization_id, account_id)
       select 'ou-' || id, $1, id from made returning account_id)
     insert into team_member (team_id, organization_id, account_id) select $2, $1, account_id from joined`,
    [acme.id, teamId],
  );
  await expect(invite(acme.owner, await addAccount(), [teamId])).rejects.toEqual(rejectsWith('CONFLICT'));
});
