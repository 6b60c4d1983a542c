import { Injectable } from '@nestjs/common';
import {
  AppError,
  type driftNoise,
  type HandlerResult,
  type IgnoreRule,
  type IgnoreRuleInput,
  maxIgnoreRules,
  type ParsedInput,
} from '@terramesh/contracts';
import { DriftContext } from '../context.js';
import { fitPage } from '../fit-page.js';
import { numberOfCursor } from '../number-of-cursor.js';
import { deleteRule, findRule, insertRule, listRules, replaceRule } from '../persistence/ignore-rules.js';

@Injectable()
export class KeepRules {
  constructor(private readonly context: DriftContext) {}

  async create(input: IgnoreRuleInput): Promise<IgnoreRule> {
    assertUseful(input);
    const rule = await this.context.transaction((tx) => insertRule(tx, input));
    if (rule === undefined) throw new AppError('CONFLICT', `there are ${maxIgnoreRules} ignore rules already`);
    return rule;
  }

  async get(id: string): Promise<IgnoreRule> {
    return existing(id, await findRule(this.context.manager, id));
  }

  async replace({ id, rule }: ParsedInput<typeof driftNoise.replaceRule>): Promise<IgnoreRule> {
    assertUseful(rule);
    return existing(id, await replaceRule(this.context.manager, id, rule));
  }

  async delete(id: string): Promise<IgnoreRule> {
    return existing(id, await deleteRule(this.context.manager, id));
  }

  async list(input: ParsedInput<typeof driftNoise.listRules>): Promise<HandlerResult<typeof driftNoise.listRules>> {
    const { limit } = input;
    const rows = await listRules(this.context.manager, { after: numberOfCursor(input.after) ?? 0, limit });
    const { items, next } = fitPage(rows, { limit, cursorOf: ({ place }) => String(place) });
    return { rules: items.map(({ rule }) => rule), next };
  }
}

function assertUseful({ expiresAt }: IgnoreRuleInput): void {
  if (expiresAt !== null && new Date(expiresAt) <= new Date()) {
    throw new AppError('INVALID', 'expires_at: must be in the future');
  }
}

function existing(id: string, rule: IgnoreRule | undefined): IgnoreRule {
  if (rule === undefined) throw new AppError('NOT_FOUND', `there is no ignore rule ${id}`);
  return rule;
}
