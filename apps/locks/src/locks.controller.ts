import { Controller } from '@nestjs/common';
import { locks, type ParsedInput } from '@terramesh/contracts';
import { Serve } from '@terramesh/mesh';
import { AcquireLocks } from './acquire-locks.js';
import { GuardLock } from './guard-lock.js';
import { ReleaseLocks } from './release-locks.js';
import { TakeOverLock } from './take-over-lock.js';

/** What holders ask. */
@Controller()
export class LocksController {
  constructor(
    private readonly acquireLocks: AcquireLocks,
    private readonly releaseLocks: ReleaseLocks,
    private readonly guardLock: GuardLock,
    private readonly takeOverLock: TakeOverLock,
  ) {}

  @Serve(locks.acquire)
  acquire(input: ParsedInput<typeof locks.acquire>) {
    return this.acquireLocks.acquire(input);
  }

  @Serve(locks.release)
  release(input: ParsedInput<typeof locks.release>) {
    return this.releaseLocks.release(input);
  }

  @Serve(locks.guard)
  guard(input: ParsedInput<typeof locks.guard>) {
    return this.guardLock.guard(input);
  }

  @Serve(locks.takeOver)
  takeOver(input: ParsedInput<typeof locks.takeOver>) {
    return this.takeOverLock.takeOver(input);
  }
}
