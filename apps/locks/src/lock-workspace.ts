// A person locks or unlocks a workspace, and with it the target that it is bound to.
import { Injectable } from '@nestjs/common';
import {
  AppError,
  type HandlerResult,
  type ParsedInput,
  type PersonLock,
  type WorkspaceStanding,
  type workspaceLocks,
} from '@terramesh/contracts';
import { assertStorable, assertText } from './domain/claim.js';
import { keyOfPlace } from './domain/place.js';
import { ClaimRepository } from './persistence/claim.repository.js';
import { LocksDatabase } from './persistence/locks-database.js';
import { PersonLockRepository, type PlacedWorkspace } from './persistence/person-lock.repository.js';

type Transaction = Parameters<PersonLockRepository['insert']>[0];

@Injectable()
export class LockWorkspace {
  constructor(
    private readonly database: LocksDatabase,
    private readonly claims: ClaimRepository,
    private readonly people: PersonLockRepository,
  ) {}

  /** CONFLICT when anybody holds the workspace, or waits for it: then somebody is about to work there. */
  lock(request: ParsedInput<typeof workspaceLocks.lock>): Promise<HandlerResult<typeof workspaceLocks.lock>> {
    assertText(request.workspaceId, request.workspace, request.ownerId, request.user, request.reason);
    if (request.place !== null) assertStorable(keyOfPlace(request.place));
    return this.database.transaction(async (tx) => {
      const fence = (await this.claims.takeTurn(tx, 1)).take();
      const before = await this.standing(request, tx);
      if (before.holder !== null || before.person !== null) throw refusal('the workspace is locked', before);
      if (!(await this.people.insert(tx, { ...request, fence }))) throw refusal('its target is locked', before);
      return personOf(await this.standing(request, tx));
    });
  }

  unlock(request: ParsedInput<typeof workspaceLocks.unlock>): Promise<HandlerResult<typeof workspaceLocks.unlock>> {
    return this.database.transaction(async (tx) => {
      await this.claims.takeTurn(tx, 1);
      const before = await this.standing(request, tx);
      const isTheirs = before.person !== null && (request.by === null || before.person.ownerId === request.by);
      if (!isTheirs) throw refusal('the workspace is not locked by this caller', before);
      await this.people.delete(tx, [request.workspaceId]);
      return personOf(before);
    });
  }

  async standings({
    workspaces,
  }: ParsedInput<typeof workspaceLocks.standings>): Promise<HandlerResult<typeof workspaceLocks.standings>> {
    return { standings: workspaces.length === 0 ? [] : await this.people.standings(workspaces) };
  }

  async forget({
    workspaceIds,
  }: ParsedInput<typeof workspaceLocks.forget>): Promise<HandlerResult<typeof workspaceLocks.forget>> {
    return this.database.transaction(async (tx) => {
      await this.claims.takeTurn(tx, 1);
      await this.people.delete(tx, workspaceIds);
      return {};
    });
  }

  private async standing(workspace: PlacedWorkspace, tx: Transaction): Promise<WorkspaceStanding> {
    const [standing] = await this.people.standings([workspace], tx);
    return standing ?? { person: null, holder: null };
  }
}

function refusal(message: string, standing: WorkspaceStanding): AppError {
  return new AppError('CONFLICT', message, { details: standing });
}

function personOf({ person }: WorkspaceStanding): PersonLock {
  if (person === null) throw new Error('a lock that was just made is there');
  return person;
}
