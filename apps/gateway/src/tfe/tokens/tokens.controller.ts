import { Controller, Param, Req, Res } from '@nestjs/common';
import { type TokenOwner, tokens } from '@terramesh/contracts';
import { Mesh } from '@terramesh/mesh';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Route } from '../../http/route.js';
import { sendNothing, sendResource } from '../send-document.js';
import { tfeCaller } from '../tfe-request.js';
import { TokenAnswers } from './token-answers.js';
import { encodeToken } from './tokens.codec.js';
import { tokenRoutes } from './tokens.routes.js';

const userOf = (id: string): TokenOwner => ({ kind: 'user', id });
const teamOf = (id: string): TokenOwner => ({ kind: 'team', id });
const organizationOf = (id: string): TokenOwner => ({ kind: 'organization', id });

@Controller()
export class TokensController {
  constructor(
    private readonly mesh: Mesh,
    private readonly answers: TokenAnswers,
  ) {}

  @Route(tokenRoutes.listOfUser)
  listOfUser(@Req() request: FastifyRequest, @Param('id') id: string, @Res() reply: FastifyReply) {
    return this.answers.listed(request, reply, userOf(id));
  }

  @Route(tokenRoutes.createForUser)
  createForUser(@Req() request: FastifyRequest, @Param('id') id: string, @Res() reply: FastifyReply) {
    return this.answers.made(request, reply, userOf(id), 'another');
  }

  @Route(tokenRoutes.show)
  async show(@Req() request: FastifyRequest, @Param('id') id: string, @Res() reply: FastifyReply) {
    const token = await this.mesh.call(tokens.show, { caller: tfeCaller(request), id });
    return sendResource(reply, 200, encodeToken(token));
  }

  @Route(tokenRoutes.delete)
  async delete(@Req() request: FastifyRequest, @Param('id') id: string, @Res() reply: FastifyReply) {
    await this.mesh.call(tokens.delete, { caller: tfeCaller(request), id });
    return sendNothing(reply);
  }

  @Route(tokenRoutes.listOfTeam)
  listOfTeam(@Req() request: FastifyRequest, @Param('id') id: string, @Res() reply: FastifyReply) {
    return this.answers.listed(request, reply, teamOf(id));
  }

  @Route(tokenRoutes.createForTeam)
  createForTeam(@Req() request: FastifyRequest, @Param('id') id: string, @Res() reply: FastifyReply) {
    return this.answers.made(request, reply, teamOf(id), 'another');
  }

  @Route(tokenRoutes.showOfTeam)
  showOfTeam(@Req() request: FastifyRequest, @Param('id') id: string, @Res() reply: FastifyReply) {
    return this.answers.single(request, reply, teamOf(id));
  }

  @Route(tokenRoutes.replaceOfTeam)
  replaceOfTeam(@Req() request: FastifyRequest, @Param('id') id: string, @Res() reply: FastifyReply) {
    return this.answers.made(request, reply, teamOf(id), 'single');
  }

  @Route(tokenRoutes.deleteOfTeam)
  deleteOfTeam(@Req() request: FastifyRequest, @Param('id') id: string, @Res() reply: FastifyReply) {
    return this.answers.singleGone(request, reply, teamOf(id));
  }

  @Route(tokenRoutes.showOfOrganization)
  showOfOrganization(@Req() request: FastifyRequest, @Param('organization') name: string, @Res() reply: FastifyReply) {
    return this.answers.single(request, reply, organizationOf(name));
  }

  @Route(tokenRoutes.replaceOfOrganization)
  replaceOfOrganization(
    @Req() request: FastifyRequest,
    @Param('organization') name: string,
    @Res() reply: FastifyReply,
  ) {
    return this.answers.made(request, reply, organizationOf(name), 'single');
  }

  @Route(tokenRoutes.deleteOfOrganization)
  deleteOfOrganization(
    @Req() request: FastifyRequest,
    @Param('organization') name: string,
    @Res() reply: FastifyReply,
  ) {
    return this.answers.singleGone(request, reply, organizationOf(name));
  }
}
