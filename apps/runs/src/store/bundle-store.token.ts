import type { Transaction } from '../persistence/transaction.js';
import type { BundleStore } from './bundle.js';

export type PlanBundles = BundleStore<Transaction>;
export const BUNDLE_STORE = Symbol('BundleStore');
