import type { EntityManager } from 'typeorm';

/** What use cases pass on: a repository's method that is given one takes part in it. */
export type Transaction = EntityManager;

/** Two that wait for each other's locks: Postgres ends one of them, which then begins again. */
export const retryWhenLockedOut = { attempts: 4 } as const;
