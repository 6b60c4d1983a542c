// An organization keeps an owner, whatever happens at the same moment.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type AppError, accounts, type Caller, memberships } from '@terramesh/contracts';
import { until } from '@terramesh/testing';
import { newId } from '../src/domain/ids.js';
import { type Organization, startTfeWorld, type TfeWorld, userCaller } from './tfe-world.js';

let world: TfeWorld;
let siteAdmin: Caller;
beforeAll(async () => {
  world = await startTfeWorld();
  siteAdmin = userCaller(newId('user'));
  await world.sql(
    `insert into account (id, username, email, is_site_admin) values ($1, 'site', 'site@example.com', true)`,
    [siteAdmin.accountId],
  );
});
afterAll(() => world?.stop());

/** Somebody becomes the only owner, in a transaction that ends when what `remove` begins is waiting for it. */
async function removedWhileMadeOwner(acme: Organization, accountId: string, remove: () => Promise<unknown>) {
  const outcome = await world.transaction(async (tx) => {
    const [team] = await tx.query<{ id: string }[]>(
      'select id from team where organization_id = $1 and is_owners for update',
      [acme.id],
    );
    await tx.query('insert into team_member (team_id, organization_id, account_id) values ($1, $2, $3)', [
      team?.id,
      acme.id,
      accountId,
    ]);
    await tx.query('delete from team_member where team_id = $1 and account_id = $2', [team?.id, acme.owner.accountId]);
    const removal = remove().then(
      () => 'done',
      ({ code }: AppError) => code,
    );
    const waiting = `select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`;
    await until(async () => (await world.sql(waiting)).length > 0, { describe: 'the removal to wait' });
    // In an array, or it would be awaited here.
    return [removal] as const;
  });
  return outcome[0];
}

const ownersOf = async ({ id }: Organization) =>
  (
    await world.sql(
      'select account_id from team_member join team on team.id = team_id where is_owners and team.organization_id = $1',
      [id],
    )
  ).map((row) => row.account_id);

test('a member who becomes the only owner while being removed from the organization stays', async () => {
  const acme = await world.addOrganization();
  const manager = await acme.addMember(['manage-membership']);
  const { caller } = await acme.addMember();
  const [row] = await world.sql('select id from organization_membership where account_id = $1', [caller.accountId]);
  const id = String(row?.id);
  const remove = () => world.mesh.call(memberships.delete, { caller: manager.caller, id });
  expect(await removedWhileMadeOwner(acme, caller.accountId, remove)).toBe('NOT_FOUND');
  expect(await ownersOf(acme)).toEqual([caller.accountId]);
});

test('a person who becomes the only owner while the account is being deleted stays', async () => {
  const acme = await world.addOrganization();
  const { caller } = await acme.addMember();
  const remove = () => world.mesh.call(accounts.delete, { caller: siteAdmin, id: caller.accountId });
  expect(await removedWhileMadeOwner(acme, caller.accountId, remove)).toBe('FORBIDDEN');
  expect(await ownersOf(acme)).toEqual([caller.accountId]);
});
