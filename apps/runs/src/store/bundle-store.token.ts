import type { EntityManager } from 'typeorm';
import type { BundleStore } from './bundle.js';

export type PlanBundles = BundleStore<EntityManager>;
export const BUNDLE_STORE = Symbol('BundleStore');
