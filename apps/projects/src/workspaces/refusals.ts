// What becomes of rules of the schema, and of the admission of repositories, in the words of the API.
import { AppError, attributeError, isAppError } from '@terramesh/contracts';
import { notFound } from '../access/grants.js';
import { violationOf } from '../persistence/violation.js';

/** Runs what inserts or changes a workspace. */
export async function refusingTaken<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const violation = violationOf(error);
    if (violation?.constraint === 'workspace_name') throw attributeError('name', 'Name has already been taken');
    if (violation?.constraint === 'workspace_target') {
      throw attributeError(
        'vcs-repo',
        'Another workspace is bound to this directory and Terraform workspace of the repository',
      );
    }
    // The organization or the project was deleted at the same moment.
    if (violation?.kind === 'reference') throw notFound();
    throw error;
  }
}

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
