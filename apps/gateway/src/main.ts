import 'reflect-metadata';
import { runMain } from '@terramesh/service';
import { gateway } from './gateway.js';

await runMain(gateway);
