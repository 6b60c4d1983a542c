import { onOff, setting } from '@terramesh/service';

export const tellingSettings = {
  webhookPrivateAddresses: setting({
    env: 'TERRAMESH_WEBHOOK_ALLOW_PRIVATE',
    schema: onOff,
    default: false,
    description: 'Whether webhooks may go to loopback and private addresses, and over http.',
  }),
};
