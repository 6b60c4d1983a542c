// A hand-written apps/locks: it obeys the contract and holds what a test gives it.
import { Controller } from '@nestjs/common';
import {
  AppError,
  type HandlerResult,
  isAppError,
  type Lock,
  type LockHolder,
  locks,
  type ParsedInput,
} from '@terramesh/contracts';
import { Serve } from '@terramesh/mesh';

export class LocksStandIn {
  readonly held = new Map<string, Lock>();
  applyLockSince: string | null = null;
  /** What `changes` answers next; where nothing is left it remembers nothing, and whoever asks begins anew. */
  readonly told: (HandlerResult<typeof locks.changes> | AppError)[] = [];
  /** The marks that were asked for. */
  readonly asked: (string | null)[] = [];
  private fences = 0;

  hold(part: { repository?: string; directory?: string; holder?: LockHolder } & Partial<Lock> = {}): Lock {
    const { repository = 'owner/repo', directory = '.', holder = { kind: 'pull', pull: 123 }, ...rest } = part;
    this.fences += 1;
    const key = { hostname: 'github.com', repository, directory, terraformWorkspace: 'default', name: '' };
    const lock: Lock = {
      key,
      name: `${repository}/${directory}/default/`,
      holder,
      fence: this.fences,
      guard: 'none',
      user: 'jdoe',
      url: 'https://github.com/owner/repo/pull/123',
      reason: 'plan',
      since: '2025-02-13T16:47:42.040Z',
      waiting: [],
      ...rest,
    };
    this.held.set(lock.name, lock);
    return lock;
  }

  get(name: string): Lock {
    const lock = this.held.get(name);
    if (!lock) throw new AppError('NOT_FOUND', `no lock ${name}`);
    return lock;
  }
}

@Controller()
export class LocksStandInController {
  constructor(private readonly state: LocksStandIn) {}

  @Serve(locks.list)
  list({ after, limit }: ParsedInput<typeof locks.list>): HandlerResult<typeof locks.list> {
    const names = [...this.state.held.keys()].sort();
    const start = after === null ? 0 : names.findIndex((name) => name > after);
    const page = start < 0 ? [] : names.slice(start, start + limit);
    const next = start >= 0 && start + limit < names.length ? (page.at(-1) ?? null) : null;
    return { locks: page.map((name) => this.state.get(name)), next };
  }

  @Serve(locks.changes)
  changes({ since }: ParsedInput<typeof locks.changes>): HandlerResult<typeof locks.changes> {
    this.state.asked.push(since);
    const answer = this.state.told.shift() ?? { answer: 'restart', mark: 'none' };
    if (isAppError(answer)) throw answer;
    return answer;
  }

  @Serve(locks.find)
  find({ name }: ParsedInput<typeof locks.find>): Lock {
    return this.state.get(name);
  }

  @Serve(locks.delete)
  delete({ name }: ParsedInput<typeof locks.delete>): Lock {
    const lock = this.state.get(name);
    if (lock.guard === 'applying') throw new AppError('CONFLICT', 'its apply is running');
    this.state.held.delete(name);
    return lock;
  }

  @Serve(locks.getApplyLock)
  getApplyLock(_input: ParsedInput<typeof locks.getApplyLock>): HandlerResult<typeof locks.getApplyLock> {
    return { since: this.state.applyLockSince };
  }

  @Serve(locks.setApplyLock)
  setApplyLock({ state }: ParsedInput<typeof locks.setApplyLock>): HandlerResult<typeof locks.setApplyLock> {
    this.state.applyLockSince = state === 'locked' ? (this.state.applyLockSince ?? '2025-02-13T16:47:42Z') : null;
    return { since: this.state.applyLockSince };
  }
}
