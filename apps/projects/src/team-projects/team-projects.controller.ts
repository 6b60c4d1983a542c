import { Controller } from '@nestjs/common';
import { type ParsedInput, teamProjects } from '@terramesh/contracts';
import { Serve } from '@terramesh/mesh';
import { ChangeTeamProjects } from './change-team-projects.js';
import { ReadTeamProjects } from './read-team-projects.js';

@Controller()
export class TeamProjectsController {
  constructor(
    private readonly reading: ReadTeamProjects,
    private readonly changing: ChangeTeamProjects,
  ) {}

  @Serve(teamProjects.list)
  list(input: ParsedInput<typeof teamProjects.list>) {
    return this.reading.list(input);
  }

  @Serve(teamProjects.show)
  show(input: ParsedInput<typeof teamProjects.show>) {
    return this.reading.show(input);
  }

  @Serve(teamProjects.create)
  create(input: ParsedInput<typeof teamProjects.create>) {
    return this.changing.create(input);
  }

  @Serve(teamProjects.update)
  update(input: ParsedInput<typeof teamProjects.update>) {
    return this.changing.update(input);
  }

  @Serve(teamProjects.delete)
  delete(input: ParsedInput<typeof teamProjects.delete>) {
    return this.changing.delete(input);
  }
}
