// How every use case writes: one transaction, begun again when it was locked out; rules of the schema that it broke become
// what the caller is told.
import { type DocumentProblem, documentError } from '@terramesh/contracts';
import { notFound } from './access/grants.js';
import type { ProjectsDatabase } from './persistence/projects-database.js';
import { retryWhenLockedOut, type Transaction } from './persistence/transaction.js';
import { violationOf } from './persistence/violation.js';

/** By the constraint. */
const refusals: Readonly<Record<string, { readonly pointer: string; readonly detail: string }>> = {
  organization_name: taken('name'),
  team_name: taken('name'),
  account_username: taken('username'),
  account_email: taken('email'),
  organization_membership_once: taken('email'),
  project_name: taken('name'),
  team_project_once: { pointer: '/data/relationships/team', detail: 'Team already has access to this project' },
  workspace_name: taken('name'),
  workspace_target: {
    pointer: '/data/attributes/vcs-repo',
    detail: 'Another workspace is bound to this directory and Terraform workspace of the repository',
  },
};

/** `work` may run more than once. UNPROCESSABLE for what is taken, NOT_FOUND when what it belongs to is being deleted. */
export async function write<T>(database: ProjectsDatabase, work: (tx: Transaction) => Promise<T>): Promise<T> {
  try {
    return await database.transaction(work, retryWhenLockedOut);
  } catch (error) {
    const violation = violationOf(error);
    const refusal = refusals[violation?.constraint ?? ''];
    if (refusal !== undefined)
      throw documentError([{ title: 'invalid attribute', ...refusal } satisfies DocumentProblem]);
    if (violation?.kind === 'reference') throw notFound();
    throw error;
  }
}

function taken(attribute: string) {
  const label = attribute.charAt(0).toUpperCase() + attribute.slice(1);
  return { pointer: `/data/attributes/${attribute}`, detail: `${label} has already been taken` };
}
