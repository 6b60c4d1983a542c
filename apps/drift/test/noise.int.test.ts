// What is silenced is recorded all the same, and told when it becomes something else.
import { describe, expect, test } from '@jest/globals';
import { type IgnoreRuleInput } from '@terramesh/contracts';
import { CareForRecord } from '../src/noise/care-for-record.js';
import { KeepRules } from '../src/noise/keep-rules.js';
import { changed } from './finished-runs.js';
import { drifted, list, one, only, record, same, sql, toldKinds, useReplicas } from './recording.js';

useReplicas();

const rule = (more: Partial<IgnoreRuleInput>): Promise<{ id: string }> =>
  one.get(KeepRules).create({
    repository: '*',
    address: '*',
    attribute: null,
    reason: 'autoscaling',
    owner: 'ops',
    expiresAt: null,
    ...more,
  });

const a = 'aws_vpc.a';

describe('noise', () => {
  test('what is ignored, acknowledged or snoozed is recorded and not told; what changes after that is', async () => {
    await rule({ address: 'aws_asg.*', attribute: 'desired_*' });
    await record({ at: 1, seen: [{ directory: 'a', drift: [changed('aws_asg.x', 'desired_capacity')] }] });
    expect(await only()).toMatchObject({ quiet: 'ignored', counts: { hasDrift: true }, status: 'new' });
    expect(await toldKinds()).toEqual([]);

    const half = [changed('aws_asg.x', 'desired_capacity', 'name')];
    await record({ at: 2, seen: [{ directory: 'a', drift: half }] });
    expect(await toldKinds()).toEqual(['drift.found']);
    const { id, fingerprint } = await only();
    await one.get(CareForRecord).acknowledge({ id, by: 'ann', reason: 'we know', fingerprint });
    const other = [changed('aws_asg.x', ['desired_capacity', '7'], 'name')];
    await record({ at: 3, seen: [{ directory: 'a', drift: other }] });
    expect(await only()).toMatchObject({ quiet: 'acknowledged', status: 'known', acknowledged: { by: 'ann' } });
    await record({ at: 4, seen: [{ directory: 'a', drift: [changed('aws_asg.x', ['name', '"other"'])] }] });
    expect(await only()).toMatchObject({ quiet: null, status: 'changed' });
    expect(await toldKinds()).toEqual(['drift.found', 'drift.changed']);

    const until = new Date(Date.now() + 3_600_000).toISOString();
    await one.get(CareForRecord).snooze({ id, until, by: '', reason: '' });
    await record({ at: 5, seen: [{ directory: 'a', drift: [changed('aws_asg.x', 'tags')] }] });
    await record({ at: 6, seen: [{ directory: 'a', error: 'away' }] });
    expect(await only()).toMatchObject({ quiet: 'snoozed' });
    expect(await toldKinds()).toHaveLength(2);
    await sql(`update records set snoozed_until = now() - interval '1 second'`);
    await record({ at: 7, seen: [{ directory: 'a', drift: [changed('aws_asg.x', 'tags')] }] });
    expect((await toldKinds()).slice(2)).toEqual(['drift.changed']);
  });

  test('nothing is hidden that was cut off, created or destroyed', async () => {
    await rule({ attribute: 'tags*' });
    const created = { ...changed('aws_vpc.new', 'tags'), actions: ['create' as const] };
    await record({ at: 1, seen: [{ directory: 'a', drift: [created] }] });
    await record({ at: 1, seen: [{ directory: 'b', drift: [changed(a, 'tags')], truncated: true }] });
    await record({ at: 1, seen: [{ directory: 'c', drift: [changed(a, 'tags["x"]')] }] });
    expect((await list()).map(({ quiet }) => quiet)).toEqual([null, null, 'ignored']);
  });

  test('rules hold for their repositories and until they expire', async () => {
    await rule({ repository: 'GitHub.com/acme/*' });
    await record({ at: 1, seen: [drifted] });
    expect(await only()).toMatchObject({ quiet: 'ignored' });
    await sql(`update ignore_rules set expires_at = now() - interval '1 second'`);
    await record({ at: 2, seen: [drifted] });
    expect(await only()).toMatchObject({ quiet: null, status: 'known' });
    expect(await toldKinds()).toEqual(['drift.found']);
  });

  test('what cannot be is refused', async () => {
    await record({ at: 1, seen: [same] });
    const { id } = await only();
    const care = one.get(CareForRecord);
    const until = (ms: number) => new Date(Date.now() + ms).toISOString();
    const unknown = '11111111-1111-4111-8111-111111111111';
    for (const [attempt, code] of [
      [() => care.acknowledge({ id, by: '', reason: 'x', fingerprint: null }), 'CONFLICT'],
      [() => care.snooze({ id, by: '', reason: '', until: until(-1000) }), 'INVALID'],
      [() => care.snooze({ id, by: '', reason: '', until: until(91 * 86_400_000) }), 'INVALID'],
      [() => care.setOwner({ id: unknown, owner: 'ann' }), 'NOT_FOUND'],
      [() => rule({ expiresAt: until(-1000) }), 'INVALID'],
      [() => one.get(KeepRules).delete(unknown), 'NOT_FOUND'],
    ] as const) {
      await expect(attempt()).rejects.toMatchObject({ code });
    }
    await record({ at: 2, seen: [drifted] });
    await expect(care.acknowledge({ id, by: '', reason: 'x', fingerprint: 'other' })).rejects.toMatchObject({
      code: 'CONFLICT',
    });
  });

  test('there are never more than 1000 rules, also when many are made at once', async () => {
    await sql(`insert into ignore_rules (repository, address, reason, owner)
      select '*', '*', 'x', '' from generate_series(1, 995)`);
    const made = await Promise.allSettled(Array.from({ length: 12 }, () => rule({})));
    expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
    expect(await sql('select count(*)::int as n from ignore_rules')).toEqual([{ n: 1000 }]);
  });
});
