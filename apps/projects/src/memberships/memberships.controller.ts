import { Controller } from '@nestjs/common';
import { memberships, type ParsedInput } from '@terramesh/contracts';
import { Serve } from '@terramesh/mesh';
import { ChangeMemberships } from './change-memberships.js';
import { FindMemberships } from './find-memberships.js';

@Controller()
export class MembershipsController {
  constructor(
    private readonly find: FindMemberships,
    private readonly change: ChangeMemberships,
  ) {}

  @Serve(memberships.find)
  findMany(input: ParsedInput<typeof memberships.find>) {
    return this.find.find(input);
  }

  @Serve(memberships.list)
  list(input: ParsedInput<typeof memberships.list>) {
    return this.find.list(input);
  }

  @Serve(memberships.show)
  show(input: ParsedInput<typeof memberships.show>) {
    return this.find.show(input);
  }

  @Serve(memberships.create)
  create(input: ParsedInput<typeof memberships.create>) {
    return this.change.create(input);
  }

  @Serve(memberships.delete)
  delete(input: ParsedInput<typeof memberships.delete>) {
    return this.change.delete(input);
  }
}
