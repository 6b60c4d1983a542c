export { printFirstToken } from './accounts/show-token.js';
export { projects, projectsShowing } from './projects.js';
