// The provider's process, started by Terraform.

import { servePlugin } from './plugin-server.js';
import { providerMethods } from './provider.js';

const { TF_PLUGIN_MAGIC_COOKIE, PLUGIN_PROTOCOL_VERSIONS, PLUGIN_CLIENT_CERT } = process.env;
// Terraform's own: it tells a provider that was started by hand.
const magicCookie = 'd602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2';

if (TF_PLUGIN_MAGIC_COOKIE !== magicCookie || PLUGIN_CLIENT_CERT === undefined) {
  process.stderr.write('This is a Terraform provider: Terraform starts it.\n');
  process.exit(1);
}
if (PLUGIN_PROTOCOL_VERSIONS?.split(',').includes('6') !== true) {
  process.stderr.write('This provider speaks version 6 of the plugin protocol only.\n');
  process.exit(1);
}
// Ctrl-C goes to the whole group: Terraform says when it is over.
process.on('SIGINT', () => {});
await servePlugin({ methods: providerMethods, protocolVersion: 6, clientCertificate: PLUGIN_CLIENT_CERT });
process.exit(0);
