import { createHmac, randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { type ReceivedRequest, startHttpReceiver } from '@terramesh/testing';
import { DriftContext } from '../src/context.js';
import { DeliveryRepository } from '../src/persistence/delivery.repository.js';
import { Deliverer } from '../src/telling/deliverer.js';
import { SetWebhooks } from '../src/telling/set-webhooks.js';
import { tell } from '../src/telling/tell.js';
import { TestWebhook } from '../src/telling/test-webhook.js';
import { startDriftReplicas } from './drift-replicas.js';
import {
  deliver,
  deliveries,
  hour,
  makeDue,
  message,
  receiver,
  replica,
  say,
  secret,
  useReceiver,
  webhook,
  world,
} from './telling-replicas.js';

useReceiver();

describe('a message', () => {
  test('arrives as JSON that is signed and has an id to know repeats by', async () => {
    await webhook();
    const said = message();
    await say(said);
    await deliver();
    const [got, ...more] = receiver.received;
    if (got === undefined) throw new Error('nothing arrived');
    expect(more).toEqual([]);
    expect(isSigned(got, secret)).toBe(true);
    expect(isSigned(got, 'another-secret-of-length')).toBe(false);
    expect(got.headers).toMatchObject({
      'content-type': 'application/json',
      'x-terramesh-event-id': said.eventId,
    });
    expect(JSON.parse(got.body)).toMatchObject({
      event_id: said.eventId,
      kind: 'schedule.missed',
      repository: 'acme/infra',
      ref: 'münchen',
      missed: 3,
    });
    expect(await deliveries()).toMatchObject([{ status: 'delivered', attempts: 1, http_status: 204 }]);
    expect(await deliver()).toBe(0);
  });

  test('goes to those who want it', async () => {
    await webhook({ url: `${receiver.url}/all` });
    await webhook({ url: `${receiver.url}/this`, events: ['schedule.missed'], repository: 'github.com/ACME/*' });
    await webhook({ url: `${receiver.url}/other-events`, events: ['drift.found'] });
    await webhook({ url: `${receiver.url}/other-repository`, repository: 'github.com/acme_infra' });
    await webhook({ url: `${receiver.url}/off`, state: 'disabled' });
    await webhook({ url: `${receiver.url}/slack`, kind: 'slack', secret: null });
    await say(message());
    await deliver();
    expect(receiver.received.map(({ path }) => path).sort()).toEqual(['/hook/all', '/hook/slack', '/hook/this']);
    const slack = receiver.received.find(({ path }) => path === '/hook/slack');
    expect(JSON.parse(slack?.body ?? '')).toEqual({ text: expect.stringContaining('missed 3 turns') });
    expect(slack?.headers).not.toHaveProperty('x-terramesh-signature');
  });

  test('is told to nobody when its transaction rolls back, and once when it is told twice', async () => {
    await webhook();
    const said = message();
    const failed = replica.get(DriftContext).transaction(async (tx) => {
      await tell(tx, said);
      throw new Error('rolled back');
    });
    await expect(failed).rejects.toThrow('rolled back');
    await say(said);
    await say(said);
    await deliver();
    expect(receiver.received).toHaveLength(1);
  });

  test('is sent once by several replicas, and by another when one dies', async () => {
    await webhook();
    const other = await world.add();
    for (let count = 0; count < 20; count += 1) await say(message());
    while ((await Promise.all([deliver(), deliver(other)])).some((begun) => begun > 0)) await makeDue();
    expect(receiver.received).toHaveLength(20);
    // One that was claimed and never finished.
    await say(message());
    const claim = { limit: 1, perWebhook: 1, busy: [], leaseMs: 60_000 };
    expect(await other.get(DeliveryRepository).claim(claim)).toHaveLength(1);
    expect(await deliver()).toBe(0);
    await makeDue();
    expect(await deliver()).toBe(1);
    expect(receiver.received).toHaveLength(21);
  });
});

describe('a failure', () => {
  test('is tried again later, under the same id, until it works', async () => {
    await webhook();
    receiver.answer = (response) => response.writeHead(500).end('out of\norder');
    await say(message());
    await deliver();
    expect(await deliver()).toBe(0);
    const [failed] = await deliveries();
    expect(failed).toMatchObject({
      status: 'pending',
      attempts: 1,
      http_status: 500,
      problem: 'answered 500: out of order',
    });
    receiver.answer = (response) => response.writeHead(200).end('ok');
    await makeDue();
    await deliver();
    expect(new Set(receiver.received.map(({ headers }) => headers['x-terramesh-event-id'])).size).toBe(1);
    expect(await deliveries()).toMatchObject([{ status: 'delivered', attempts: 2, problem: null }]);
  });

  test('of a day ends in the list of the dead, from which it can be tried again', async () => {
    await webhook();
    receiver.answer = (response) => response.writeHead(503, { 'retry-after': '7' }).end();
    await say(message());
    await deliver();
    await world.sql(`update deliveries set first_attempt_at = now() - $1 * interval '1 second'`, [24 * hour]);
    await makeDue();
    await deliver();
    const page = { webhookId: null, status: 'dead' as const, after: null, limit: 10 };
    const [dead] = await replica.get(DeliveryRepository).page(page);
    expect(dead).toMatchObject({ status: 'dead', attempts: 2, problem: 'answered 503' });
    expect(await deliver()).toBe(0);

    receiver.answer = (response) => response.writeHead(204).end();
    await replica.get(DeliveryRepository).redeliver(dead?.id ?? '');
    await deliver();
    expect(await replica.get(DeliveryRepository).page(page)).toEqual([]);
    await expect(replica.get(DeliveryRepository).redeliver(dead?.id ?? '')).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(replica.get(DeliveryRepository).redeliver(randomUUID())).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('is a redirect, which is not followed', async () => {
    const elsewhere = await startHttpReceiver();
    await webhook();
    receiver.answer = (response) => response.writeHead(307, { location: elsewhere.url }).end();
    await say(message());
    await deliver();
    expect(elsewhere.received).toEqual([]);
    expect(await deliveries()).toMatchObject([{ problem: 'answered 307: redirects are not followed' }]);
    await elsewhere.stop();
  });

  test('of a receiver that is not there, or answers without end, is short and without the url', async () => {
    await webhook({ url: 'http://127.0.0.1:1/secret-path' });
    await webhook();
    receiver.answer = (response) => {
      response.writeHead(400);
      const more = () => response.write('x'.repeat(65_536), (error) => (error ? undefined : setImmediate(more)));
      more();
    };
    await say(message());
    await deliver();
    const problems = (await deliveries()).map(({ problem }) => problem ?? '').sort();
    expect(problems).toEqual([
      expect.stringMatching(/^answered 400: x{1,290}$/),
      expect.stringMatching(/ECONNREFUSED/),
    ]);
    expect(problems.join()).not.toContain('secret-path');
  });
});

describe('an address', () => {
  test('in one’s own network is refused unless the setting allows it, also when a name leads there', async () => {
    const { id } = await webhook();
    const byName = await webhook({ url: receiver.url.replace('127.0.0.1', 'localhost') });
    const strict = await startDriftReplicas();
    const careful = await strict.add();
    const create = (url: string) =>
      careful.get(SetWebhooks).create({ kind: 'http', url, secret, events: [], repository: '*', state: 'enabled' });
    await expect(create(receiver.url)).rejects.toMatchObject({ code: 'INVALID' });
    await expect(create('https://127.0.0.1/')).rejects.toThrow('may not go to 127.0.0.1');
    // What was allowed once is not when the setting has changed; nor is a name that leads to such an address.
    for (const url of [receiver.url, byName.url]) {
      await strict.sql(
        `insert into webhooks (kind, url, secret, events, repository, repository_like, enabled)
         values ('http', $1, $2, '{}', '*', '%', true)`,
        [url.replace('http:', 'https:').replace('localhost', 'localhost.localdomain'), secret],
      );
    }
    await careful.get(DriftContext).transaction((tx) => tell(tx, message()));
    await careful.get(Deliverer).round();
    await careful.get(Deliverer).settle();
    const rows = await strict.sql<{ status: string; problem: string }>('select status, problem from deliveries');
    for (const { status, problem } of rows) {
      expect([status, problem]).toEqual(
        /ENOTFOUND|EAI_AGAIN/.test(problem)
          ? ['pending', expect.anything()]
          : ['dead', expect.stringContaining('may not go to')],
      );
    }
    expect(rows.map(({ status }) => status)).toContain('dead');
    expect(receiver.received).toEqual([]);
    expect(id).toBeDefined();
    await strict.stop();
  });
});

describe('a webhook', () => {
  test('never shows its secret, nor what is one in its url', async () => {
    const shown = [
      await webhook({ url: `${receiver.url}?token=hidden-token` }),
      await webhook({ kind: 'slack', url: 'https://hooks.slack.com/services/T0/B0/hidden-token', secret: null }),
    ];
    expect(JSON.stringify(shown)).not.toMatch(/hidden-token|a-secret-of/);
    expect(shown).toMatchObject([{ signed: 'yes' }, { signed: 'no', url: 'https://hooks.slack.com/…' }]);
  });

  test('of kind http needs a secret, and slack takes none', async () => {
    await expect(webhook({ secret: null })).rejects.toThrow('secret is missing');
    await expect(webhook({ kind: 'slack' })).rejects.toThrow('must not be given');
  });

  test('can be tried at once', async () => {
    const { id: webhookId } = await webhook();
    expect(await replica.get(TestWebhook).test({ webhookId })).toEqual({
      outcome: 'delivered',
      httpStatus: 204,
      problem: null,
    });
    expect(JSON.parse(receiver.received[0]?.body ?? '')).toMatchObject({ kind: 'webhook.test' });
    receiver.answer = (response) => response.writeHead(404).end();
    expect(await replica.get(TestWebhook).test({ webhookId })).toMatchObject({ outcome: 'failed', httpStatus: 404 });
  });

  test('that changes is told under its new address and secret', async () => {
    const { id: webhookId } = await webhook();
    const url = receiver.url.replace('/hook', '/new');
    await replica.get(SetWebhooks).update({ webhookId, url, secret: 'a-new-secret-of-length' });
    await say(message());
    await deliver();
    expect(receiver.received.map((got) => [got.path, isSigned(got, 'a-new-secret-of-length')])).toEqual([
      ['/new', true],
    ]);
  });
});

/** As a receiver checks it: nothing of ours but the secret. */
function isSigned({ headers, body }: ReceivedRequest, key: string): boolean {
  const timestamp = String(headers['x-terramesh-timestamp']);
  const expected = createHmac('sha256', key).update(`${timestamp}.`).update(body, 'utf8').digest('hex');
  return headers['x-terramesh-signature'] === `sha256=${expected}`;
}
