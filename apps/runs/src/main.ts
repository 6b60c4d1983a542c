import 'reflect-metadata';
import { runMain } from '@terramesh/service';
import { runsService } from './runs.js';

await runMain(runsService);
