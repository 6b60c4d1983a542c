import { Controller } from '@nestjs/common';
import { type ParsedInput, teams } from '@terramesh/contracts';
import { Serve } from '@terramesh/mesh';
import { ChangeMembers } from './change-members.js';
import { FindTeams } from './find-teams.js';
import { WriteTeam } from './write-team.js';

@Controller()
export class TeamsController {
  constructor(
    private readonly find: FindTeams,
    private readonly write: WriteTeam,
    private readonly members: ChangeMembers,
  ) {}

  @Serve(teams.list)
  list(input: ParsedInput<typeof teams.list>) {
    return this.find.list(input);
  }

  @Serve(teams.show)
  show(input: ParsedInput<typeof teams.show>) {
    return this.find.show(input);
  }

  @Serve(teams.create)
  create(input: ParsedInput<typeof teams.create>) {
    return this.write.create(input);
  }

  @Serve(teams.update)
  update(input: ParsedInput<typeof teams.update>) {
    return this.write.update(input);
  }

  @Serve(teams.delete)
  delete(input: ParsedInput<typeof teams.delete>) {
    return this.write.delete(input);
  }

  @Serve(teams.addUsers)
  addUsers(input: ParsedInput<typeof teams.addUsers>) {
    return this.members.add(input, 'user');
  }

  @Serve(teams.removeUsers)
  removeUsers(input: ParsedInput<typeof teams.removeUsers>) {
    return this.members.remove(input, 'user');
  }

  @Serve(teams.addMemberships)
  addMemberships(input: ParsedInput<typeof teams.addMemberships>) {
    return this.members.add(input, 'membership');
  }

  @Serve(teams.removeMemberships)
  removeMemberships(input: ParsedInput<typeof teams.removeMemberships>) {
    return this.members.remove(input, 'membership');
  }
}
