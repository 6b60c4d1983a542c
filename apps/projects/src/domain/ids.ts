// Ids as Terraform Enterprise makes them: a prefix that says of what, and 16 characters that nobody can guess.
import { randomInt } from 'node:crypto';

const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const length = 16;

/** `newId('prj')` → `prj-WsVcWRr7SfxRci1v` */
export function newId(prefix: string): string {
  const characters = Array.from({ length }, () => alphabet[randomInt(alphabet.length)]);
  return `${prefix}-${characters.join('')}`;
}
