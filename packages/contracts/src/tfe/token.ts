// What a token of the TFE API looks like, and what is kept and sent instead of it.
import { createHash, randomInt } from 'node:crypto';

const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

/** `<14 characters>.atlasv1.<67 characters>`: 474 random bits. */
export function newToken(): string {
  return `${randomText(14)}.atlasv1.${randomText(67)}`;
}

/** In hex. A plain hash is enough: nobody guesses what has this many random bits. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

function randomText(length: number): string {
  return Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('');
}
