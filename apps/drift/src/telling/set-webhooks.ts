import { Injectable } from '@nestjs/common';
import { AppError, type driftWebhooks, type ParsedInput, type Webhook } from '@terramesh/contracts';
import { DriftContext } from '../context.js';
import { WebhookRepository } from '../persistence/webhook.repository.js';
import { webhookOf } from '../persistence/webhook-row.js';
import { checkWebhookUrl } from './webhook-address.js';

const maxWebhooks = 100;

@Injectable()
export class SetWebhooks {
  constructor(
    private readonly context: DriftContext,
    private readonly webhooks: WebhookRepository,
  ) {}

  async create(request: ParsedInput<typeof driftWebhooks.create>): Promise<Webhook> {
    const { kind, secret, events, repository, state } = request;
    assertSecret(kind, secret);
    const url = this.checkUrl(request.url);
    return await this.context.transaction(async (tx) => {
      if ((await this.webhooks.count(tx)) >= maxWebhooks) {
        throw new AppError('CONFLICT', `there are ${maxWebhooks} webhooks already, which is the most there can be`);
      }
      const settings = { url, secret, events, repository, enabled: state === 'enabled' };
      return webhookOf(await this.webhooks.insert(tx, { ...settings, kind }));
    });
  }

  async update({ webhookId, ...wanted }: ParsedInput<typeof driftWebhooks.update>): Promise<Webhook> {
    const url = wanted.url === undefined ? undefined : this.checkUrl(wanted.url);
    return await this.context.transaction(async (tx) => {
      const before = await this.webhooks.getLocked(webhookId, tx);
      const secret = wanted.secret ?? before.secret;
      assertSecret(before.kind, secret);
      await this.webhooks.update(tx, webhookId, {
        url: url ?? before.url,
        secret,
        events: wanted.events ?? before.events,
        repository: wanted.repository ?? before.repository,
        enabled: wanted.state === undefined ? before.enabled : wanted.state === 'enabled',
      });
      return webhookOf(await this.webhooks.get(webhookId, tx));
    });
  }

  private checkUrl(url: string): string {
    return checkWebhookUrl(url, this.context.settings.webhookPrivateAddresses ? 'private-too' : 'public-only').href;
  }
}

function assertSecret(kind: Webhook['kind'], secret: string | null): void {
  if (kind === 'http' && secret === null) {
    throw new AppError('INVALID', 'secret is missing: what is sent is signed with it');
  }
  if (kind === 'slack' && secret !== null) {
    throw new AppError('INVALID', 'secret must not be given for slack, which knows no signatures');
  }
}
