// A service as its own process. Plain JavaScript, so that a test can start it without a build of its own.
import { setTimeout as delay } from 'node:timers/promises';
import { Controller } from '@nestjs/common';
import { operation } from '@terramesh/contracts';
import { Serve } from '@terramesh/mesh';
import { z } from 'zod';
import { defineSettings, runMain, setting } from '../dist/index.js';

const say = operation({
  subject: 'echo.say',
  input: z.object({ text: z.string(), afterMs: z.int().default(0) }),
  output: z.object({ text: z.string() }),
});

class EchoController {
  async say({ text, afterMs }) {
    console.log(`handling ${text}`);
    await delay(afterMs);
    return { text };
  }
}
Controller()(EchoController);
Serve(say)(EchoController.prototype, 'say', Object.getOwnPropertyDescriptor(EchoController.prototype, 'say'));

class EchoModule {}

await runMain({
  name: 'echo',
  settings: defineSettings({
    greeting: setting({ env: 'TERRAMESH_GREETING', schema: z.string(), description: 'What to say first.' }),
    password: setting({
      env: 'TERRAMESH_PASSWORD',
      schema: z.string().optional(),
      description: 'Secret.',
      secret: true,
    }),
  }),
  module: ({ settings, logger }) => {
    logger.info(`${settings.greeting} with ${settings.password}`);
    if (settings.greeting === 'break') throw new Error(`cannot use ${settings.password}`);
    return { module: EchoModule, controllers: [EchoController] };
  },
});
