// A replica that tells a receiver: what is said, to whom, and what became of it.
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach } from '@jest/globals';
import type { DriftMessage, driftWebhooks, ParsedInput } from '@terramesh/contracts';
import { type HttpReceiver, startHttpReceiver } from '@terramesh/testing';
import { DriftContext } from '../src/context.js';
import { DeliveryRepository } from '../src/persistence/delivery.repository.js';
import { Deliverer } from '../src/telling/deliverer.js';
import { SetWebhooks } from '../src/telling/set-webhooks.js';
import { tell } from '../src/telling/tell.js';
import { type DriftReplicas, type Replica, startDriftReplicas } from './drift-replicas.js';

export const secret = 'a-secret-of-enough-length';
export const hour = 3_600;

export let world: DriftReplicas;
export let replica: Replica;
export let receiver: HttpReceiver;

/** For all tests of the file: a receiver, and a replica that has told nobody when a test begins. */
export function useReceiver(): void {
  beforeEach(async () => {
    receiver = await startHttpReceiver();
    world = await startDriftReplicas({ TERRAMESH_WEBHOOK_ALLOW_PRIVATE: 'true' });
    replica = await world.add();
  });
  afterEach(async () => {
    await world.stop();
    await receiver.stop();
  });
}

export const message = (more: Partial<DriftMessage> = {}): DriftMessage =>
  ({
    kind: 'schedule.missed',
    eventId: randomUUID(),
    at: '2026-11-23T10:00:00.000Z',
    repository: { hostname: 'github.com', repository: 'acme/infra' },
    ref: 'münchen',
    scheduleId: randomUUID(),
    schedule: 'nightly',
    missed: 3,
    firstMissedAt: '2026-11-23T09:57:00.000Z',
    ...more,
  }) as DriftMessage;
export const webhook = (more: Partial<ParsedInput<typeof driftWebhooks.create>> = {}) =>
  replica.get(SetWebhooks).create({
    kind: 'http',
    url: receiver.url,
    secret,
    events: [],
    repository: '*',
    state: 'enabled',
    ...more,
  });
export const say = (said: DriftMessage) => replica.get(DriftContext).transaction((tx) => tell(tx, said));
export const deliver = async (of: Replica = replica) => {
  const begun = await of.get(Deliverer).round();
  await of.get(Deliverer).settle();
  return begun;
};
export const deliveries = () =>
  replica.get(DeliveryRepository).page({ webhookId: null, status: null, after: null, limit: 100 });
export const makeDue = () => world.sql(`update deliveries set next_attempt_at = now() where status = 'pending'`);
