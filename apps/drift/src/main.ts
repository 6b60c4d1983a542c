import 'reflect-metadata';
import { runMain } from '@terramesh/service';
import { drift } from './drift.js';

await runMain(drift);
