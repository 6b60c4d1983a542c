export type { EntityManager as Transaction } from 'typeorm';
