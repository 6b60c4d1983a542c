import { Module, type OnModuleDestroy } from '@nestjs/common';
import { DriftContext } from '../context.js';
import { DeliveryRepository } from '../persistence/delivery.repository.js';
import { WebhookRepository } from '../persistence/webhook.repository.js';
import { Polling } from '../polling.js';
import { Deliverer } from './deliverer.js';
import { DeliveriesController } from './deliveries.controller.js';
import { SetWebhooks } from './set-webhooks.js';
import { TestWebhook } from './test-webhook.js';
import { WebhooksController } from './webhooks.controller.js';

const intervalMs = 1_000;
const keepMessagesMs = 30 * 24 * 3_600_000;
const forgetIntervalMs = 600_000;
const forgetBatch = 1_000;

@Module({
  controllers: [WebhooksController, DeliveriesController],
  providers: [
    WebhookRepository,
    DeliveryRepository,
    SetWebhooks,
    TestWebhook,
    Deliverer,
    {
      provide: 'delivering',
      inject: [Deliverer, DriftContext],
      useFactory: (deliverer: Deliverer, { logger }: DriftContext) => {
        const round = async () => ((await deliverer.round()) > 0 ? 'more' : 'done');
        return new Polling({ name: 'delivering to webhooks', intervalMs, logger, round });
      },
    },
    {
      provide: 'forgetting',
      inject: [DeliveryRepository, DriftContext],
      useFactory: (deliveries: DeliveryRepository, { logger }: DriftContext) => {
        const round = async () =>
          (await deliveries.forget(keepMessagesMs, forgetBatch)) === forgetBatch ? 'more' : 'done';
        return new Polling({ name: 'forgetting old messages', intervalMs: forgetIntervalMs, logger, round });
      },
    },
  ],
  exports: [Deliverer],
})
export class TellingModule implements OnModuleDestroy {
  constructor(private readonly deliverer: Deliverer) {}

  async onModuleDestroy(): Promise<void> {
    await this.deliverer.settle();
  }
}
