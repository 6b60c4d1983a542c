import { type IgnoreRule, type IgnoreRuleInput, maxIgnoreRules } from '@terramesh/contracts';
import type { Transaction } from './transaction.js';

interface RuleRow {
  readonly id: string;
  readonly number: string;
  readonly repository: string;
  readonly address: string;
  readonly attribute: string | null;
  readonly reason: string;
  readonly owner: string;
  readonly expires_at: Date | null;
  readonly created_at: Date;
  readonly updated_at: Date;
}

export async function allRules(tx: Transaction): Promise<IgnoreRule[]> {
  return (await tx.query<RuleRow[]>('select * from ignore_rules order by number')).map(ruleOf);
}

/** One more than `limit` when there are more; each with its place in the list. */
export async function listRules(
  tx: Transaction,
  { after, limit }: { after: number; limit: number },
): Promise<{ rule: IgnoreRule; place: number }[]> {
  const rows = await tx.query<RuleRow[]>('select * from ignore_rules where number > $1 order by number limit $2', [
    after,
    limit + 1,
  ]);
  return rows.map((row) => ({ rule: ruleOf(row), place: Number(row.number) }));
}

export async function findRule(tx: Transaction, id: string): Promise<IgnoreRule | undefined> {
  const [row] = await tx.query<RuleRow[]>('select * from ignore_rules where id = $1', [id]);
  return row && ruleOf(row);
}

/** Undefined when there are as many as there may be. Takes turns with others that insert. */
export async function insertRule(tx: Transaction, rule: IgnoreRuleInput): Promise<IgnoreRule | undefined> {
  await tx.query('lock table ignore_rules in share row exclusive mode');
  const [row] = await tx.query<RuleRow[]>(
    `insert into ignore_rules (repository, address, attribute, reason, owner, expires_at)
     select $1, $2, $3, $4, $5, $6 where (select count(*) from ignore_rules) < ${maxIgnoreRules} returning *`,
    [rule.repository, rule.address, rule.attribute, rule.reason, rule.owner, rule.expiresAt],
  );
  return row && ruleOf(row);
}

export async function replaceRule(tx: Transaction, id: string, rule: IgnoreRuleInput): Promise<IgnoreRule | undefined> {
  const [[row]] = await tx.query<[RuleRow[], number]>(
    `update ignore_rules set repository = $2, address = $3, attribute = $4, reason = $5, owner = $6, expires_at = $7,
       updated_at = now() where id = $1 returning *`,
    [id, rule.repository, rule.address, rule.attribute, rule.reason, rule.owner, rule.expiresAt],
  );
  return row && ruleOf(row);
}

export async function deleteRule(tx: Transaction, id: string): Promise<IgnoreRule | undefined> {
  const [[row]] = await tx.query<[RuleRow[], number]>('delete from ignore_rules where id = $1 returning *', [id]);
  return row && ruleOf(row);
}

function ruleOf(row: RuleRow): IgnoreRule {
  const { id, repository, address, attribute, reason, owner } = row;
  return {
    id,
    repository,
    address,
    attribute,
    reason,
    owner,
    expiresAt: row.expires_at?.toISOString() ?? null,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  };
}
