import { Injectable } from '@nestjs/common';
import { DriftContext } from '../context.js';
import { type AttemptOutcome, type ClaimedDelivery, DeliveryRepository } from '../persistence/delivery.repository.js';
import { delayAfter } from './delivery-rhythm.js';
import type { PostResult } from './post-json.js';
import { sendMessage } from './send-message.js';
import type { AddressRule } from './webhook-address.js';

/** Enough for receivers that do not answer to leave room for those that do. */
const maxAtOnce = 48;
/** A receiver that is slow must not hold up the others. */
const maxPerWebhook = 3;
/** Longer than an attempt takes. */
const leaseMs = 60_000;

/** Sends what is due; never waits for a receiver before it looks for more. Any number of replicas do this at once. */
@Injectable()
export class Deliverer {
  private readonly attempts = new Map<Promise<void>, string>();

  constructor(
    private readonly context: DriftContext,
    private readonly deliveries: DeliveryRepository,
  ) {}

  /** Begins attempts; the number of them. */
  async round(): Promise<number> {
    const limit = maxAtOnce - this.attempts.size;
    if (limit === 0) return 0;
    const busy = [...new Set(this.attempts.values())];
    const claimed = await this.deliveries.claim({ limit, perWebhook: maxPerWebhook, busy, leaseMs });
    for (const delivery of claimed) {
      const attempt = this.attempt(delivery).finally(() => this.attempts.delete(attempt));
      this.attempts.set(attempt, delivery.webhook_id);
    }
    return claimed.length;
  }

  /** Resolves when every attempt that has begun is over: bounded by the time of one. */
  async settle(): Promise<void> {
    await Promise.all(this.attempts.keys());
  }

  private async attempt(delivery: ClaimedDelivery): Promise<void> {
    const { logger } = this.context;
    const result = await this.send(delivery);
    const outcome = outcomeOf(delivery, result);
    if (outcome.status !== 'delivered') {
      const { id, webhook_id: webhook, attempts } = delivery;
      logger.warn({ delivery: id, webhook, attempts, problem: outcome.problem }, 'a webhook did not take a message');
    }
    try {
      await this.deliveries.finish(delivery, outcome);
    } catch (err) {
      // The lease ends by itself, and the message goes out once more.
      logger.warn({ err, delivery: delivery.id }, 'the end of a delivery could not be written');
    }
  }

  /** A message that this replica cannot put into words, of a newer one perhaps, is tried again like any other. */
  private async send(delivery: ClaimedDelivery): Promise<PostResult> {
    try {
      return await sendMessage(delivery, delivery.message, { rule: this.rule(), now: delivery.now_ms });
    } catch (err) {
      this.context.logger.error({ err, delivery: delivery.id }, 'a message could not be written');
      return { outcome: 'failed', httpStatus: null, problem: 'the message could not be written', retryAfterMs: null };
    }
  }

  private rule(): AddressRule {
    return this.context.settings.webhookPrivateAddresses ? 'private-too' : 'public-only';
  }
}

function outcomeOf({ attempts, age_ms: ageMs }: ClaimedDelivery, result: PostResult): AttemptOutcome {
  if (result.outcome === 'delivered') return { status: 'delivered', httpStatus: result.httpStatus };
  const { httpStatus, problem, retryAfterMs } = result;
  const delayMs = delayAfter({ attempts, ageMs, retryAfterMs, chance: Math.random() });
  if (result.outcome === 'refused' || delayMs === undefined) return { status: 'dead', httpStatus, problem };
  return { status: 'pending', httpStatus, problem, delayMs };
}
