import { Controller } from '@nestjs/common';
import { locks, type ParsedInput } from '@terramesh/contracts';
import { Serve } from '@terramesh/mesh';
import { DeleteLock } from './delete-lock.js';
import { FindLock } from './find-lock.js';
import { GlobalApplyLock } from './global-apply-lock.js';
import { ListChanges } from './list-changes.js';
import { ListLocks } from './list-locks.js';

/** What people ask. */
@Controller()
export class PeopleController {
  constructor(
    private readonly listLocks: ListLocks,
    private readonly listChanges: ListChanges,
    private readonly findLock: FindLock,
    private readonly deleteLock: DeleteLock,
    private readonly applyLock: GlobalApplyLock,
  ) {}

  @Serve(locks.list)
  list(input: ParsedInput<typeof locks.list>) {
    return this.listLocks.list(input);
  }

  @Serve(locks.changes)
  changes(input: ParsedInput<typeof locks.changes>) {
    return this.listChanges.list(input);
  }

  @Serve(locks.find)
  find(input: ParsedInput<typeof locks.find>) {
    return this.findLock.find(input);
  }

  @Serve(locks.delete)
  delete(input: ParsedInput<typeof locks.delete>) {
    return this.deleteLock.delete(input);
  }

  @Serve(locks.getApplyLock)
  getApplyLock(_input: ParsedInput<typeof locks.getApplyLock>) {
    return this.applyLock.get();
  }

  @Serve(locks.setApplyLock)
  setApplyLock(input: ParsedInput<typeof locks.setApplyLock>) {
    return this.applyLock.set(input);
  }
}
