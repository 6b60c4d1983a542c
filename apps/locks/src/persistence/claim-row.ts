// Between rows of `claims` and the domain's claims.
import type { LockGuard, LockHolder, LockKey, LockOwner } from '@terramesh/contracts';
import type { Claim } from '../domain/claim.js';
import { keyId, lockName } from '../domain/claim.js';
import type { Holding } from '../domain/describe-lock.js';

/** Of a claim. Without the times: to parse them costs more than all the rest. */
export const claimColumns = `ticket, key_id, hostname, repository, directory, terraform_workspace, target_name,
  run_id, pull, fence, guard, user_name, url, reason`;

/** As the driver reads it: bigint is a string. */
export interface ClaimRow {
  ticket: string;
  key_id: string;
  hostname: string;
  repository: string;
  directory: string;
  terraform_workspace: string;
  target_name: string;
  run_id: string | null;
  pull: string | null;
  fence: string | null;
  guard: LockGuard;
  user_name: string;
  url: string;
  reason: string;
}

/** Of a row that may be a person's lock: null when it is a claim. */
export interface PersonRow {
  workspace_id: string | null;
  workspace: string | null;
}

export type HoldingRow = ClaimRow &
  PersonRow & {
    name: string;
    fence: string;
    held_since_ms: number;
    waiting: { run_id: string | null; pull: number | null }[];
  };

export function claimOf(row: ClaimRow): Claim {
  return {
    key: keyOf(row),
    holder: holderOf(row),
    ticket: Number(row.ticket),
    fence: row.fence === null ? null : Number(row.fence),
    guard: row.guard,
    user: row.user_name,
    url: row.url,
    reason: row.reason,
  };
}

export function holdingOf(row: HoldingRow): Holding {
  return {
    key: keyOf(row),
    holder: ownerOf(row),
    fence: Number(row.fence),
    guard: row.guard,
    user: row.user_name,
    url: row.url,
    reason: row.reason,
    since: new Date(row.held_since_ms),
    waiting: row.waiting.map(holderOf),
  };
}

/** What is inserted, with the columns' names. */
export function rowOf(claim: Claim) {
  const { key, holder } = claim;
  return {
    ticket: claim.ticket,
    key_id: keyId(key),
    hostname: key.hostname,
    repository: key.repository,
    directory: key.directory,
    terraform_workspace: key.terraformWorkspace,
    target_name: key.name,
    name: lockName(key),
    run_id: holder.kind === 'run' ? holder.runId : null,
    pull: holder.pull,
    fence: claim.fence,
    guard: claim.guard,
    user_name: claim.user,
    url: claim.url,
    reason: claim.reason,
  };
}

function keyOf(row: ClaimRow): LockKey {
  return {
    hostname: row.hostname,
    repository: row.repository,
    directory: row.directory,
    terraformWorkspace: row.terraform_workspace,
    name: row.target_name,
  };
}

export function ownerOf(row: ClaimRow & PersonRow): LockOwner {
  const { workspace_id: workspaceId, workspace, user_name: user, reason } = row;
  return workspaceId === null
    ? holderOf(row)
    : { kind: 'person', workspaceId, workspace: workspace ?? '', user, reason };
}

function holderOf(row: { run_id: string | null; pull: string | number | null }): LockHolder {
  const runId = row.run_id;
  const pull = row.pull === null ? null : Number(row.pull);
  if (runId !== null) return { kind: 'run', runId, pull };
  if (pull === null) throw new Error('a claim has a run or a pull request');
  return { kind: 'pull', pull };
}
