import { z } from 'zod';
import type { RouteDeclaration } from '../http/route.js';
import { IgnoreRuleBody, IgnoreRuleRequest, IgnoreRulesPage } from './drift-records.schemas.js';

export const RuleParams = z.object({ id: z.uuid() });

export const RulesQuery = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(50),
  after: z.string().max(255).optional().describe('`next` of the page before.'),
});

const outages = ['UNAVAILABLE', 'TIMEOUT'] as const;
const shared = { tag: 'Drift' } as const;
const path = '/api/drift/ignore-rules';
const one = { 200: { description: 'The rule.', schema: IgnoreRuleBody } };

export const noiseRoutes = {
  createRule: {
    ...shared,
    method: 'POST',
    path,
    access: 'token',
    summary: 'Ignore drift of some resources or attributes, from the next check of each target on',
    body: IgnoreRuleRequest,
    responses: { 201: { description: 'The new rule.', schema: IgnoreRuleBody } },
    errors: ['INVALID', 'CONFLICT', 'TOO_LARGE', ...outages],
  },
  listRules: {
    ...shared,
    method: 'GET',
    path,
    access: 'read',
    summary: 'List the ignore rules, oldest first',
    query: RulesQuery,
    responses: { 200: { description: 'One page.', schema: IgnoreRulesPage } },
    errors: ['INVALID', ...outages],
  },
  getRule: {
    ...shared,
    method: 'GET',
    path: `${path}/:id`,
    access: 'read',
    summary: 'Get an ignore rule',
    params: RuleParams,
    responses: one,
    errors: ['INVALID', 'NOT_FOUND', ...outages],
  },
  replaceRule: {
    ...shared,
    method: 'PUT',
    path: `${path}/:id`,
    access: 'token',
    summary: 'Replace an ignore rule',
    params: RuleParams,
    body: IgnoreRuleRequest,
    responses: one,
    errors: ['INVALID', 'NOT_FOUND', 'TOO_LARGE', ...outages],
  },
  deleteRule: {
    ...shared,
    method: 'DELETE',
    path: `${path}/:id`,
    access: 'token',
    summary: 'Delete an ignore rule',
    params: RuleParams,
    responses: { 200: { description: 'The rule that was.', schema: IgnoreRuleBody } },
    errors: ['INVALID', 'NOT_FOUND', ...outages],
  },
} as const satisfies Record<string, RouteDeclaration>;
