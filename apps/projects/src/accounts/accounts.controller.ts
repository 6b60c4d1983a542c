import { Controller } from '@nestjs/common';
import { accounts, type ParsedInput } from '@terramesh/contracts';
import { Serve } from '@terramesh/mesh';
import { FindAccounts } from './find-accounts.js';
import { WriteAccounts } from './write-accounts.js';

@Controller()
export class AccountsController {
  constructor(
    private readonly found: FindAccounts,
    private readonly write: WriteAccounts,
  ) {}

  @Serve(accounts.details)
  details(input: ParsedInput<typeof accounts.details>) {
    return this.found.details(input);
  }

  @Serve(accounts.show)
  show(input: ParsedInput<typeof accounts.show>) {
    return this.found.show(input);
  }

  @Serve(accounts.find)
  find(input: ParsedInput<typeof accounts.find>) {
    return this.found.find(input);
  }

  @Serve(accounts.list)
  list(input: ParsedInput<typeof accounts.list>) {
    return this.found.list(input);
  }

  @Serve(accounts.create)
  create(input: ParsedInput<typeof accounts.create>) {
    return this.write.create(input);
  }

  @Serve(accounts.updateOwn)
  updateOwn(input: ParsedInput<typeof accounts.updateOwn>) {
    return this.write.updateOwn(input);
  }

  @Serve(accounts.delete)
  delete(input: ParsedInput<typeof accounts.delete>) {
    return this.write.delete(input);
  }

  @Serve(accounts.setSiteAdmin)
  setSiteAdmin(input: ParsedInput<typeof accounts.setSiteAdmin>) {
    return this.write.setSiteAdmin(input);
  }
}
