export { locks } from './locks.js';
export { SweepLocks, type Swept } from './sweep-locks.js';
