import 'reflect-metadata';
import { runMain } from '@terramesh/service';
import { locks } from './locks.js';

await runMain(locks);
