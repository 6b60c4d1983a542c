// Tags by name are no rows of their own: their ids are made from what they are.
import { createHash } from 'node:crypto';

const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

/** The same for the same name in the same organization, always: `tag-WsVcWRr7SfxRci1v`. */
export function tagId(organizationId: string, name: string): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([organizationId, name]))
    .digest();
  return `tag-${Array.from(digest.subarray(0, 16), (byte) => alphabet[byte % alphabet.length]).join('')}`;
}
