import { attributeError } from '@terramesh/contracts';
import { notFound } from '../access/grants.js';
import { violationOf } from '../persistence/violation.js';

const attributes: Readonly<Record<string, string>> = {
  organization_name: 'name',
  team_name: 'name',
  account_username: 'username',
  account_email: 'email',
  organization_membership_once: 'email',
};

/** Runs a write of identity: rules of the schema that it broke become what the caller is told. */
export async function refusingTakenNames<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const violation = violationOf(error);
    const attribute = attributes[violation?.constraint ?? ''];
    if (attribute !== undefined) {
      const label = attribute.charAt(0).toUpperCase() + attribute.slice(1);
      throw attributeError(attribute, `${label} has already been taken`);
    }
    // What it belongs to was deleted at the same moment.
    if (violation?.kind === 'reference') throw notFound();
    throw error;
  }
}
