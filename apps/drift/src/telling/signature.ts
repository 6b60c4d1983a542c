import { createHmac } from 'node:crypto';

/** What a receiver computes again: HMAC-SHA256 over the timestamp, a dot and the body, as bytes. */
export function signatureOf({ secret, timestamp, body }: { secret: string; timestamp: string; body: string }): string {
  return `sha256=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`;
}
