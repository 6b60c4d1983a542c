import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { driftWebhooks, HandlerResult, ParsedInput } from '@terramesh/contracts';
import { DriftContext } from '../context.js';
import { WebhookRepository } from '../persistence/webhook.repository.js';
import { sendMessage } from './send-message.js';

@Injectable()
export class TestWebhook {
  constructor(
    private readonly context: DriftContext,
    private readonly webhooks: WebhookRepository,
  ) {}

  async test({ webhookId }: ParsedInput<typeof driftWebhooks.test>): Promise<HandlerResult<typeof driftWebhooks.test>> {
    const webhook = await this.webhooks.get(webhookId);
    const now = Date.now();
    const message = { kind: 'webhook.test', eventId: randomUUID(), at: new Date(now).toISOString() } as const;
    const rule = this.context.settings.webhookPrivateAddresses ? 'private-too' : 'public-only';
    const result = await sendMessage(webhook, message, { rule, now });
    if (result.outcome === 'delivered') {
      return { outcome: 'delivered', httpStatus: result.httpStatus, problem: null };
    }
    return { outcome: 'failed', httpStatus: result.httpStatus, problem: result.problem };
  }
}
