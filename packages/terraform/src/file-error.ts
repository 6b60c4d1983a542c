/** True when a file system or process call failed with one of these codes. */
export function isFileError(error: unknown, ...codes: readonly string[]): error is NodeJS.ErrnoException {
  // Not instanceof: the error may come from another realm (a test's vm context).
  return typeof error === 'object' && error !== null && 'code' in error && codes.includes(String(error.code));
}

/** What `read` gives, or undefined where the file does not exist. */
export async function ifExists<T>(read: Promise<T>): Promise<T | undefined> {
  try {
    return await read;
  } catch (error) {
    if (isFileError(error, 'ENOENT')) return undefined;
    throw error;
  }
}
