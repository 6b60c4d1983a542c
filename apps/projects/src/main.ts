import 'reflect-metadata';
import { runMain } from '@terramesh/service';
import { projects } from './projects.js';

await runMain(projects);
