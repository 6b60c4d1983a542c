/** True when a system call failed with one of these codes. By shape: `instanceof` fails across realms. */
export function isErrno(error: unknown, ...codes: readonly string[]): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && codes.includes(String(error.code));
}
