import type { Token } from '@terramesh/contracts';
import type { TokenRow } from '../persistence/token.repository.js';

/** What is known of a token; the token itself is known to its owner alone. */
export function tokenView(row: TokenRow): Token {
  return {
    id: row.id,
    description: row.description,
    createdAt: row.created_at.toISOString(),
    lastUsedAt: row.last_used_at?.toISOString() ?? null,
    expiredAt: row.expired_at?.toISOString() ?? null,
    createdBy: row.created_by,
    teamId: row.team_id,
  };
}
