import type { WebhookKind } from '@terramesh/contracts';
import { type PostResult, postJson } from './post-json.js';
import { signatureOf } from './signature.js';
import type { AddressRule } from './webhook-address.js';
import { encodeHttp, encodeSlack, type Sendable } from './wire-message.js';

export interface Receiver {
  readonly kind: WebhookKind;
  readonly url: string;
  readonly secret: string | null;
}

const timeoutMs = 10_000;

/** One attempt. Rejects only when the message cannot be put into words. `now` in ms. */
export function sendMessage(
  receiver: Receiver,
  message: Sendable,
  { rule, now }: { rule: AddressRule; now: number },
): Promise<PostResult> {
  const body = receiver.kind === 'slack' ? encodeSlack(message) : encodeHttp(message);
  const timestamp = String(Math.floor(now / 1000));
  const headers: Record<string, string> = {};
  if (receiver.kind === 'http') {
    headers['x-terramesh-event-id'] = message.eventId;
    headers['x-terramesh-timestamp'] = timestamp;
    if (receiver.secret !== null) {
      headers['x-terramesh-signature'] = signatureOf({ secret: receiver.secret, timestamp, body });
    }
  }
  return postJson({ url: receiver.url, headers, body, rule, timeoutMs });
}
