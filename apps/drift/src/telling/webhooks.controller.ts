import { Controller } from '@nestjs/common';
import { driftWebhooks, type HandlerResult, type ParsedInput } from '@terramesh/contracts';
import { Serve } from '@terramesh/mesh';
import { fitPage } from '../fit-page.js';
import { WebhookRepository } from '../persistence/webhook.repository.js';
import { webhookOf } from '../persistence/webhook-row.js';
import { SetWebhooks } from './set-webhooks.js';
import { TestWebhook } from './test-webhook.js';

@Controller()
export class WebhooksController {
  constructor(
    private readonly setWebhooks: SetWebhooks,
    private readonly testWebhook: TestWebhook,
    private readonly webhooks: WebhookRepository,
  ) {}

  @Serve(driftWebhooks.create)
  create(input: ParsedInput<typeof driftWebhooks.create>) {
    return this.setWebhooks.create(input);
  }

  @Serve(driftWebhooks.list)
  async list({
    after,
    limit,
  }: ParsedInput<typeof driftWebhooks.list>): Promise<HandlerResult<typeof driftWebhooks.list>> {
    const rows = await this.webhooks.page(after, limit + 1);
    const { items, next } = fitPage(rows, { limit, cursorOf: ({ number }) => number });
    return { webhooks: items.map(webhookOf), next };
  }

  @Serve(driftWebhooks.get)
  async get({ webhookId }: ParsedInput<typeof driftWebhooks.get>) {
    return webhookOf(await this.webhooks.get(webhookId));
  }

  @Serve(driftWebhooks.update)
  update(input: ParsedInput<typeof driftWebhooks.update>) {
    return this.setWebhooks.update(input);
  }

  @Serve(driftWebhooks.delete)
  async delete({ webhookId }: ParsedInput<typeof driftWebhooks.delete>) {
    await this.webhooks.delete(webhookId);
    return {};
  }

  @Serve(driftWebhooks.test)
  test(input: ParsedInput<typeof driftWebhooks.test>) {
    return this.testWebhook.test(input);
  }
}
