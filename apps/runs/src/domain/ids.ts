import { ExecutionId, RunId } from '@terramesh/contracts';

const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const idLength = 16;

/** How many random bytes to hand to one `new…Id` call: with so many, running out of usable ones does not happen. */
export const idRandomBytes = 64;

/** `run-` and 16 base58 characters (93 bits). Throws RangeError when `random` is too short. */
export function newRunId(random: Uint8Array): RunId {
  return RunId.parse(`run-${base58Characters(random)}`);
}

/** `exe-` and 16 base58 characters (93 bits). Throws RangeError when `random` is too short. */
export function newExecutionId(random: Uint8Array): ExecutionId {
  return ExecutionId.parse(`exe-${base58Characters(random)}`);
}

function base58Characters(random: Uint8Array): string {
  // 232 is the largest multiple of 58 below 256: bytes from there on would favor the first characters.
  const usable = [...random].filter((byte) => byte < 232).slice(0, idLength);
  if (usable.length < idLength) throw new RangeError(`an id needs ${idRandomBytes} random bytes`);
  return usable.map((byte) => alphabet.charAt(byte % alphabet.length)).join('');
}
