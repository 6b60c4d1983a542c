export { runsService } from './runs.js';
