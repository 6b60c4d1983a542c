// Who calls, and who belongs to what: everything of the TFE API that is neither a project nor a workspace.
import { AccessController } from './access/access.controller.js';
import { BucketSweeper } from './access/bucket-sweeper.js';
import { Identify } from './access/identify.js';
import { IdentifyRepository } from './persistence/identify.repository.js';

export const identityParts = {
  controllers: [AccessController],
  providers: [BucketSweeper, Identify, IdentifyRepository],
};
