import { Controller, Param, Query, Req, Res } from '@nestjs/common';
import { driftNoise } from '@terramesh/contracts';
import { Mesh } from '@terramesh/mesh';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { GatewayOptions } from '../gateway.options.js';
import { parseInput } from '../http/parse.js';
import { Route } from '../http/route.js';
import { sendJson } from '../http/send.js';
import { assertDriftIsOn } from './drift-gate.js';
import { decodeBody, decodeRule, encodeRule } from './drift-records.codec.js';
import { IgnoreRuleRequest } from './drift-records.schemas.js';
import { noiseRoutes, RuleParams, RulesQuery } from './noise.routes.js';

@Controller()
export class NoiseController {
  constructor(
    private readonly mesh: Mesh,
    private readonly options: GatewayOptions,
  ) {}

  @Route(noiseRoutes.createRule)
  async createRule(@Req() { body }: FastifyRequest, @Res() reply: FastifyReply): Promise<FastifyReply> {
    assertDriftIsOn(this.options, 'detection');
    const rule = await this.mesh.call(driftNoise.createRule, decodeRule(decodeBody(IgnoreRuleRequest, body)));
    return sendJson(reply.header('location', `/api/drift/ignore-rules/${rule.id}`), 201, encodeRule(rule));
  }

  @Route(noiseRoutes.listRules)
  async listRules(@Query() query: unknown, @Res() reply: FastifyReply): Promise<FastifyReply> {
    assertDriftIsOn(this.options, 'detection');
    const { rules, next } = await this.mesh.call(driftNoise.listRules, parseInput(RulesQuery, query));
    return sendJson(reply, 200, { rules: rules.map(encodeRule), next });
  }

  @Route(noiseRoutes.getRule)
  async getRule(@Param() params: unknown, @Res() reply: FastifyReply): Promise<FastifyReply> {
    const rule = await this.mesh.call(driftNoise.getRule, { id: this.idOf(params) });
    return sendJson(reply, 200, encodeRule(rule));
  }

  @Route(noiseRoutes.replaceRule)
  async replaceRule(@Param() params: unknown, @Req() { body }: FastifyRequest, @Res() reply: FastifyReply) {
    const id = this.idOf(params);
    const rule = decodeRule(decodeBody(IgnoreRuleRequest, body));
    return sendJson(reply, 200, encodeRule(await this.mesh.call(driftNoise.replaceRule, { id, rule })));
  }

  @Route(noiseRoutes.deleteRule)
  async deleteRule(@Param() params: unknown, @Res() reply: FastifyReply): Promise<FastifyReply> {
    const rule = await this.mesh.call(driftNoise.deleteRule, { id: this.idOf(params) });
    return sendJson(reply, 200, encodeRule(rule));
  }

  private idOf(params: unknown): string {
    assertDriftIsOn(this.options, 'detection');
    return parseInput(RuleParams, params).id;
  }
}
