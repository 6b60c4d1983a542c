// A hand-written apps/projects: it knows one token, and remembers what it was asked.
import { Controller } from '@nestjs/common';
import {
  type Account,
  AppError,
  access,
  accounts,
  type Caller,
  CreateAccountDocument,
  hashToken,
  type ParsedInput,
  parseDocument,
  type Rate,
} from '@terramesh/contracts';
import { Serve } from '@terramesh/mesh';

export const tfeToken = 'a-token-that-the-stand-in-knows';

const caller: Caller = { tokenId: 'at-1', kind: 'user', accountId: 'user-1', ownerId: 'user-1' };

export class ProjectsStandIn {
  rate: Rate | null = { limit: 30, remaining: 29, resetSeconds: 0.0333, allowed: true };
  readonly identified: ParsedInput<typeof access.identify>[] = [];
  readonly documents: unknown[] = [];
  /** Thrown by whatever is asked for next. */
  failure: Error | undefined;
  /** Nobody is identified. */
  isAway = false;
  /** How many accounts there are. */
  accounts = 45;

  account(number: number): Account {
    const id = `user-${number}`;
    const owner = { type: 'users', id } as const;
    return {
      id,
      username: `u${number}`,
      email: null,
      isServiceAccount: false,
      isSiteAdmin: false,
      owner,
      isOwn: false,
    };
  }

  check(): void {
    const { failure } = this;
    this.failure = undefined;
    if (failure !== undefined) throw failure;
  }
}

@Controller()
export class ProjectsStandInController {
  constructor(private readonly projects: ProjectsStandIn) {}

  @Serve(access.identify)
  identify(input: ParsedInput<typeof access.identify>) {
    this.projects.identified.push(input);
    if (this.projects.isAway) throw new AppError('UNAVAILABLE', 'away');
    return { caller: input.tokenHash === hashToken(tfeToken) ? caller : null, rate: this.projects.rate };
  }

  @Serve(accounts.details)
  details() {
    this.projects.check();
    return this.projects.account(1);
  }

  @Serve(accounts.show)
  show({ id }: ParsedInput<typeof accounts.show>) {
    if (id !== 'user-1') throw new AppError('NOT_FOUND', 'not found');
    return this.projects.account(1);
  }

  @Serve(accounts.list)
  list({ page }: ParsedInput<typeof accounts.list>) {
    const { accounts: count } = this.projects;
    const start = (page.number - 1) * page.size;
    const length = Math.max(0, Math.min(page.size, count - start));
    const items = Array.from({ length }, (_, index) => this.projects.account(start + index));
    return { items, total: count, matching: count };
  }

  @Serve(accounts.create)
  create({ document }: ParsedInput<typeof accounts.create>) {
    this.projects.documents.push(document);
    this.projects.check();
    parseDocument(CreateAccountDocument, document);
    return this.projects.account(2);
  }

  @Serve(accounts.delete)
  delete() {
    this.projects.check();
    return {};
  }
}
