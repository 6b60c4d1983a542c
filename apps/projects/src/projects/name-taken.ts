import { attributeError } from '@terramesh/contracts';
import { notFound } from '../access/grants.js';
import { violationOf } from '../persistence/violation.js';

/** Runs what inserts or renames a project: rules of the schema that it broke become what the caller is told. */
export async function refusingTakenNames<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const violation = violationOf(error);
    if (violation?.constraint === 'project_name') throw attributeError('name', 'Name has already been taken');
    // The organization, or the project whose tags were written, was deleted at the same moment.
    if (violation?.kind === 'reference') throw notFound();
    throw error;
  }
}
