import { Controller } from '@nestjs/common';
import { driftWebhooks, type HandlerResult, type ParsedInput } from '@terramesh/contracts';
import { Serve } from '@terramesh/mesh';
import { fitPage } from '../fit-page.js';
import { DeliveryRepository } from '../persistence/delivery.repository.js';
import { WebhookRepository } from '../persistence/webhook.repository.js';
import { deliveryOf } from '../persistence/webhook-row.js';

@Controller()
export class DeliveriesController {
  constructor(
    private readonly deliveries: DeliveryRepository,
    private readonly webhooks: WebhookRepository,
  ) {}

  @Serve(driftWebhooks.listDeliveries)
  async list(
    page: ParsedInput<typeof driftWebhooks.listDeliveries>,
  ): Promise<HandlerResult<typeof driftWebhooks.listDeliveries>> {
    if (page.webhookId !== null) await this.webhooks.get(page.webhookId);
    const rows = await this.deliveries.page({ ...page, limit: page.limit + 1 });
    const { items, next } = fitPage(rows, { limit: page.limit, cursorOf: ({ number }) => number });
    return { deliveries: items.map(deliveryOf), next };
  }

  @Serve(driftWebhooks.redeliver)
  async redeliver({ deliveryId }: ParsedInput<typeof driftWebhooks.redeliver>) {
    return deliveryOf(await this.deliveries.redeliver(deliveryId));
  }
}
