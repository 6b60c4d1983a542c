// Hand-written apps/locks and apps/runs, as far as workspaces ask them: they obey the contract, and hold what a test says.
import { Controller } from '@nestjs/common';
import {
  AppError,
  type HandlerResult,
  type LockHolder,
  type ParsedInput,
  type PersonLock,
  targetRuns,
  workspaceLocks,
} from '@terramesh/contracts';
import { Serve } from '@terramesh/mesh';

type Place = ParsedInput<typeof workspaceLocks.unlock>['place'];

export interface Held {
  readonly people: Map<string, PersonLock>;
  /** By directory. */
  readonly holders: Map<string, LockHolder>;
  readonly traces: Map<string, { isBusy: boolean; mayManage: boolean }>;
  isAway: boolean;
}

/** Fresh controllers for one world, and what they hold. */
export function heldWorkspaces(): { held: Held; locks: new () => object; runs: new () => object } {
  const held: Held = { people: new Map(), holders: new Map(), traces: new Map(), isAway: false };
  const standing = (workspaceId: string, place: Place) => {
    if (held.isAway) throw new AppError('UNAVAILABLE', 'away');
    const person = held.people.get(workspaceId) ?? null;
    return { person, holder: person === null && place !== null ? (held.holders.get(place.directory) ?? null) : null };
  };

  @Controller()
  class LocksStandIn {
    @Serve(workspaceLocks.lock)
    lock({ workspaceId, place, ownerId, user, reason }: ParsedInput<typeof workspaceLocks.lock>) {
      const before = standing(workspaceId, place);
      if (before.person !== null || before.holder !== null) {
        throw new AppError('CONFLICT', 'held', { details: before });
      }
      const person = { ownerId, user, reason, since: new Date().toISOString() };
      held.people.set(workspaceId, person);
      return person;
    }

    @Serve(workspaceLocks.unlock)
    unlock({ workspaceId, place, by }: ParsedInput<typeof workspaceLocks.unlock>) {
      const before = standing(workspaceId, place);
      if (before.person === null || (by !== null && by !== before.person.ownerId)) {
        throw new AppError('CONFLICT', 'not theirs', { details: before });
      }
      held.people.delete(workspaceId);
      return before.person;
    }

    @Serve(workspaceLocks.standings)
    standings({
      workspaces,
    }: ParsedInput<typeof workspaceLocks.standings>): HandlerResult<typeof workspaceLocks.standings> {
      return { standings: workspaces.map(({ workspaceId, place }) => standing(workspaceId, place)) };
    }

    @Serve(workspaceLocks.forget)
    forget({ workspaceIds }: ParsedInput<typeof workspaceLocks.forget>) {
      for (const id of workspaceIds) held.people.delete(id);
      return {};
    }
  }

  @Controller()
  class RunsStandIn {
    @Serve(targetRuns.traces)
    traces({ place }: ParsedInput<typeof targetRuns.traces>) {
      return held.traces.get(place.directory) ?? { isBusy: false, mayManage: false };
    }
  }

  return { held, locks: LocksStandIn, runs: RunsStandIn };
}
