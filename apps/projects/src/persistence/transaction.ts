import type { EntityManager } from 'typeorm';

/** What use cases pass on: a repository's method that is given one takes part in it. */
export type Transaction = EntityManager;
