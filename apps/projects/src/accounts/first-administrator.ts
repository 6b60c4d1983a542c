import type { OnApplicationBootstrap } from '@nestjs/common';
import type { Database } from '@terramesh/database';
import type { Logger } from '@terramesh/service';
import { ensureAdministrator } from './administrators.js';

export interface FirstAdministratorOptions {
  readonly database: Database;
  readonly configuredToken: string | undefined;
  readonly logger: Logger;
  /** Shows a token to the person who starts this; it is kept nowhere. */
  readonly show: (token: string) => void;
}

/** Sees to it at every start that somebody can get in. */
export class FirstAdministrator implements OnApplicationBootstrap {
  constructor(private readonly options: FirstAdministratorOptions) {}

  async onApplicationBootstrap(): Promise<void> {
    const { database, configuredToken, logger, show } = this.options;
    const token = await ensureAdministrator(database, configuredToken);
    if (token === undefined) return;
    show(token);
    logger.info('made the first administrator; the token was shown once');
  }
}
