import { Controller } from '@nestjs/common';
import { organizations, type ParsedInput } from '@terramesh/contracts';
import { Serve } from '@terramesh/mesh';
import { CreateOrganization } from './create-organization.js';
import { DeleteOrganization } from './delete-organization.js';
import { FindOrganizations } from './find-organizations.js';
import { UpdateOrganization } from './update-organization.js';

@Controller()
export class OrganizationsController {
  constructor(
    private readonly find: FindOrganizations,
    private readonly createOrganization: CreateOrganization,
    private readonly updateOrganization: UpdateOrganization,
    private readonly deleteOrganization: DeleteOrganization,
  ) {}

  @Serve(organizations.list)
  list(input: ParsedInput<typeof organizations.list>) {
    return this.find.list(input);
  }

  @Serve(organizations.show)
  show(input: ParsedInput<typeof organizations.show>) {
    return this.find.show(input);
  }

  @Serve(organizations.create)
  create(input: ParsedInput<typeof organizations.create>) {
    return this.createOrganization.create(input);
  }

  @Serve(organizations.update)
  update(input: ParsedInput<typeof organizations.update>) {
    return this.updateOrganization.update(input);
  }

  @Serve(organizations.delete)
  delete(input: ParsedInput<typeof organizations.delete>) {
    return this.deleteOrganization.delete(input);
  }
}
