// Projects, what hangs on them, and which teams may do what in them.
import { MovingRepository } from './persistence/moving.repository.js';
import { ProjectRepository } from './persistence/project.repository.js';
import { ProjectListRepository } from './persistence/project-list.repository.js';
import { ProjectTagRepository } from './persistence/project-tag.repository.js';
import { TeamProjectRepository } from './persistence/team-project.repository.js';
import { CreateProject } from './projects/create-project.js';
import { DeleteProject } from './projects/delete-project.js';
import { ListProjects } from './projects/list-projects.js';
import { MoveWorkspaces } from './projects/move-workspaces.js';
import { OpenProject } from './projects/open-project.js';
import { ProjectContentsController } from './projects/project-contents.controller.js';
import { ProjectTags } from './projects/project-tags.js';
import { ProjectsController } from './projects/projects.controller.js';
import { ShowProject } from './projects/show-project.js';
import { UpdateProject } from './projects/update-project.js';
import { ChangeTeamProjects } from './team-projects/change-team-projects.js';
import { OpenTeamProject } from './team-projects/open-team-project.js';
import { ReadTeamProjects } from './team-projects/read-team-projects.js';
import { TeamProjectsController } from './team-projects/team-projects.controller.js';

export const projectParts = {
  controllers: [ProjectsController, ProjectContentsController, TeamProjectsController],
  providers: [
    CreateProject,
    DeleteProject,
    ListProjects,
    MoveWorkspaces,
    OpenProject,
    ProjectTags,
    ShowProject,
    UpdateProject,
    ChangeTeamProjects,
    OpenTeamProject,
    ReadTeamProjects,
    MovingRepository,
    ProjectListRepository,
    ProjectRepository,
    ProjectTagRepository,
    TeamProjectRepository,
  ],
};
