// What refuses a request about workspaces, in the words of the API.
import { AppError, attributeError, isAppError } from '@terramesh/contracts';

/** Runs the admission of a repository: what refuses it is a broken rule of the document. */
export function refusingRepository<T>(admit: () => T): T {
  try {
    return admit();
  } catch (error) {
    if (isAppError(error) && (error.code === 'INVALID' || error.code === 'FORBIDDEN')) {
      throw attributeError('vcs-repo', error.message);
    }
    throw error;
  }
}

export function conflict(detail: string): AppError {
  return new AppError('CONFLICT', detail);
}
