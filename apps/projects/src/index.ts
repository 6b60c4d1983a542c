export { projects, projectsShowing } from './projects.js';
