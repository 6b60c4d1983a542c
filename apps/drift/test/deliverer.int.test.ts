import { expect, test } from '@jest/globals';
import { DeliveryRepository } from '../src/persistence/delivery.repository.js';
import {
  deliver,
  deliveries,
  hour,
  message,
  receiver,
  replica,
  say,
  useReceiver,
  webhook,
  world,
} from './telling-replicas.js';

useReceiver();

test('a message that cannot be written for a receiver stops nothing, and is tried again', async () => {
  await webhook({ kind: 'slack', secret: null });
  const said = message();
  await say(said);
  await world.sql(`update messages set message = message || '{"kind": "of.a.newer.replica"}'`);
  await say(message());
  expect(await deliver()).toBe(2);
  expect(await deliveries()).toMatchObject([
    { status: 'delivered' },
    { status: 'pending', attempts: 1, problem: 'the message could not be written' },
  ]);
});

test('receivers that do not answer leave room for those that do', async () => {
  const slow = [];
  for (let count = 0; count < 3; count += 1) slow.push(await webhook({ events: ['schedule.missed'] }));
  for (let count = 0; count < 5; count += 1) await say(message());
  await webhook({ url: `${receiver.url}/fast`, events: ['drift.resolved'] });
  await say(
    message({ kind: 'drift.resolved', targets: [], totalTargets: 0, runId: null, detectionId: null, commit: null }),
  );
  const claimed = await replica.get(DeliveryRepository).claim({ limit: 4, perWebhook: 3, busy: [], leaseMs: 60_000 });
  expect(claimed.map(({ url }) => url)).toContain(`${receiver.url}/fast`);
  expect(new Set(claimed.map(({ webhook_id: id }) => id)).size).toBe(slow.length + 1);
});

test('old messages go, unless they are still being delivered', async () => {
  await webhook();
  await say(message());
  await deliver();
  receiver.answer = (response) => response.writeHead(500).end();
  await say(message());
  await deliver();
  await world.sql(`update messages set created_at = now() - interval '31 days'`);
  expect(await replica.get(DeliveryRepository).forget(30 * 24 * hour * 1000, 100)).toBe(1);
  expect(await deliveries()).toMatchObject([{ status: 'pending' }]);
  // Nobody tries what is for a webhook that was turned off.
  await world.sql('update webhooks set enabled = false');
  expect(await replica.get(DeliveryRepository).forget(30 * 24 * hour * 1000, 100)).toBe(1);
});
