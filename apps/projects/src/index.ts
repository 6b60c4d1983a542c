export { projects } from './projects.js';
