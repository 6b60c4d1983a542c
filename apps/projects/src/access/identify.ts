import { Injectable } from '@nestjs/common';
import type { access, Caller, HandlerResult, ParsedInput, Rate } from '@terramesh/contracts';
import { type Identified, IdentifyRepository } from '../persistence/identify.repository.js';
import { AccessRules } from './access-rules.js';

@Injectable()
export class Identify {
  constructor(
    private readonly repository: IdentifyRepository,
    private readonly rules: AccessRules,
  ) {}

  async identify(input: ParsedInput<typeof access.identify>): Promise<HandlerResult<typeof access.identify>> {
    const limit = this.rules.requestsPerSecond;
    const found = await this.repository.identify(input.tokenHash, `address ${input.address}`, limit);
    return { caller: callerOf(found), rate: rateOf(found, limit) };
  }
}

function callerOf({ tokenId, accountId, teamId, organizationId }: Identified): Caller | null {
  if (tokenId === null || accountId === null) return null;
  if (teamId !== null) return { tokenId, accountId, kind: 'team', ownerId: teamId };
  if (organizationId !== null) return { tokenId, accountId, kind: 'organization', ownerId: organizationId };
  return { tokenId, accountId, kind: 'user', ownerId: accountId };
}

function rateOf({ requests, allowed }: Identified, limit: number): Rate | null {
  if (requests === null || allowed === null) return null;
  // Somebody who was refused waits for one request, not for the whole limit.
  const missing = allowed ? limit - requests : 1 - requests;
  return { limit, remaining: Math.max(0, Math.floor(requests)), resetSeconds: Math.max(0, missing / limit), allowed };
}
