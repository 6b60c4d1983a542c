// SQL over the targets of remediations, their texts, and who may have a target.
import type { DriftCounts, RemediatedTarget } from '@terramesh/contracts';
import type { Transaction } from './transaction.js';

export interface NewTarget {
  readonly directory: string;
  readonly terraformWorkspace: string;
  readonly name: string;
  readonly seenCommit: string | null;
  readonly driftBefore: DriftCounts | null;
  readonly status: 'pending' | 'failed';
  readonly error: string;
}

export interface TargetEnd {
  readonly directory: string;
  readonly terraformWorkspace: string;
  readonly name: string;
  readonly status: 'success' | 'failed';
  readonly planOutput: string;
  readonly applyOutput: string;
  readonly error: string;
  readonly driftAfter: DriftCounts | null;
  readonly applied: 'yes' | 'no' | 'unknown';
}

/** Takes what is free of these; answers who has the others. Waits for others who are just taking one of them. */
export async function takeClaims(tx: Transaction, id: string, claims: readonly string[]): Promise<Map<string, string>> {
  const others = new Map<string, string>();
  let wanted = [...new Set(claims)].sort();
  // Whoever had one may have given it back between the two statements: then nobody has it yet.
  while (wanted.length > 0) {
    const taken = await tx.query<{ claim: string }[]>(
      `insert into remediation_claims (claim, remediation_id)
       select claim, $2::uuid from unnest($1::text[]) with ordinality as wanted (claim, place) order by place
       on conflict do nothing returning claim`,
      [wanted, id],
    );
    const held = await tx.query<{ claim: string; remediationId: string }[]>(
      `select claim, remediation_id as "remediationId" from remediation_claims
       where claim = any($1::text[]) and remediation_id <> $2`,
      [wanted, id],
    );
    for (const { claim, remediationId } of held) others.set(claim, remediationId);
    const mine = new Set(taken.map(({ claim }) => claim));
    wanted = wanted.filter((claim) => !mine.has(claim) && !others.has(claim));
  }
  return others;
}

export async function insertTargets(tx: Transaction, id: string, targets: readonly NewTarget[]): Promise<void> {
  await tx.query(
    `insert into remediation_targets
       (remediation_id, ordinal, directory, terraform_workspace, name, seen_commit, drift_before, status, error, part)
     select $1, place - 1, one->>'directory', one->>'terraformWorkspace', one->>'name', one->>'seenCommit',
       nullif(one->'driftBefore', 'null'), one->>'status', one->>'error',
       case when one->>'status' = 'failed' then 'refused' else 'asked' end
     from jsonb_array_elements($2::jsonb) with ordinality as given (one, place)`,
    [id, JSON.stringify(targets)],
  );
}

/** What is known of a target of a live remediation. */
export interface LiveTarget {
  readonly ordinal: number;
  readonly directory: string;
  readonly terraformWorkspace: string;
  readonly name: string;
  /** `refused`: not in the run. `extra`: in the run, though nobody asked for it by that name or path. */
  readonly part: 'asked' | 'refused' | 'extra';
  readonly seenCommit: string | null;
  readonly status: 'pending' | 'running' | 'success' | 'failed';
  readonly applied: 'yes' | 'no' | 'unknown';
}

/** In order. */
export function listLiveTargets(manager: Transaction, id: string): Promise<LiveTarget[]> {
  return manager.query<LiveTarget[]>(
    `select ordinal, directory, terraform_workspace as "terraformWorkspace", name, part, seen_commit as "seenCommit",
       status, applied
     from remediation_targets where remediation_id = $1 order by ordinal`,
    [id],
  );
}

/** Writes how a target ended; adds it when `ordinal` is new. Nothing happens unless the remediation is running. */
export async function saveEnd(manager: Transaction, id: string, ordinal: number, end: TargetEnd): Promise<void> {
  await manager.query(
    `insert into remediation_targets (remediation_id, ordinal, directory, terraform_workspace, name, status,
       plan_output, apply_output, error, drift_after, applied, part)
     select id, $2::int, $3::text, $4::text, $5::text, $6::text, $7::text, $8::text, $9::text, $10::jsonb, $11::text, 'extra'
     from remediations where id = $1 and status = 'running'
     on conflict (remediation_id, ordinal) do update set directory = excluded.directory,
       terraform_workspace = excluded.terraform_workspace, name = excluded.name, status = excluded.status,
       plan_output = excluded.plan_output, apply_output = excluded.apply_output, error = excluded.error,
       drift_after = excluded.drift_after, applied = excluded.applied`,
    [
      id,
      ordinal,
      end.directory,
      end.terraformWorkspace,
      end.name,
      end.status,
      storable(end.planOutput),
      storable(end.applyOutput),
      storable(end.error),
      end.driftAfter === null ? null : JSON.stringify(end.driftAfter),
      end.applied,
    ],
  );
}

/** Fails every target that has not ended, each with the reason that belongs to its ordinal. */
export async function failTheRest(
  tx: Transaction,
  id: string,
  reasons: readonly { ordinal: number; reason: string }[],
): Promise<void> {
  await tx.query(
    `update remediation_targets set status = 'failed', error = given.reason
     from jsonb_to_recordset($2::jsonb) as given (ordinal int, reason text)
     where remediation_id = $1 and remediation_targets.ordinal = given.ordinal and status in ('pending', 'running')`,
    [id, JSON.stringify(reasons.map(({ ordinal, reason }) => ({ ordinal, reason: storable(reason) })))],
  );
}

interface TargetRow {
  readonly ordinal: number;
  readonly directory: string;
  readonly terraformWorkspace: string;
  readonly name: string;
  readonly status: RemediatedTarget['status'];
  readonly driftBefore: DriftCounts | null;
  readonly driftAfter: DriftCounts | null;
  /** In characters. */
  readonly lengths: Record<'plan_output' | 'apply_output' | 'error', number>;
}

/** In order, from `from` on. */
export function listTargets(manager: Transaction, id: string, from: number, limit: number): Promise<TargetRow[]> {
  return manager.query<TargetRow[]>(
    `select ordinal, directory, terraform_workspace as "terraformWorkspace", name, status,
       drift_before as "driftBefore", drift_after as "driftAfter",
       json_build_object('plan_output', length(plan_output), 'apply_output', length(apply_output),
         'error', length(error)) as lengths
     from remediation_targets where remediation_id = $1 and ordinal >= $2 order by ordinal limit $3`,
    [id, from, limit],
  );
}

/** `count` characters of a text, from character `at` (0 is the first). */
export async function readText(
  manager: Transaction,
  id: string,
  piece: { ordinal: number; part: 'plan_output' | 'apply_output' | 'error'; at: number; count: number },
): Promise<string> {
  const [row] = await manager.query<{ text: string }[]>(
    `select substr(${piece.part}, $3, $4) as text from remediation_targets where remediation_id = $1 and ordinal = $2`,
    [id, piece.ordinal, piece.at + 1, piece.count],
  );
  return row?.text ?? '';
}

/** Postgres takes no NUL. */
function storable(text: string): string {
  return text.replaceAll('\0', '\ufffd');
}
