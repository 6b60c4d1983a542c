import { Controller, Param, Req, Res } from '@nestjs/common';
import { type Team, teams } from '@terramesh/contracts';
import { Mesh } from '@terramesh/mesh';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Route } from '../../http/route.js';
import { queryNames, queryText, readInclude, readPage } from '../query.js';
import { type Resource, sendList, sendNothing, sendResource } from '../send-document.js';
import { readDocument, tfeCaller } from '../tfe-request.js';
import { Sideloads } from './sideloads.js';
import { encodeTeam } from './teams.codec.js';
import { teamRoutes } from './teams.routes.js';

const includes = ['users', 'organization-memberships'] as const;

type MemberChange = typeof teams.addUsers;

@Controller()
export class TeamsController {
  constructor(
    private readonly mesh: Mesh,
    private readonly sideloads: Sideloads,
  ) {}

  @Route(teamRoutes.list)
  async list(@Req() request: FastifyRequest, @Param('organization') name: string, @Res() reply: FastifyReply) {
    const page = readPage(request);
    const include = readInclude(request, includes);
    const { items, total, matching } = await this.mesh.call(teams.list, {
      caller: tfeCaller(request),
      organizationName: name,
      page,
      names: queryNames(request, 'filter[names]'),
      query: queryText(request, 'q'),
    });
    const included = await this.included(request, items, include);
    const list = { items: items.map(encodeTeam), page, total, matching };
    return sendList(reply, request, included === undefined ? list : { ...list, included });
  }

  @Route(teamRoutes.create)
  async create(@Req() request: FastifyRequest, @Param('organization') name: string, @Res() reply: FastifyReply) {
    const document = readDocument(request);
    const made = await this.mesh.call(teams.create, { caller: tfeCaller(request), organizationName: name, document });
    return sendResource(reply, 201, encodeTeam(made));
  }

  @Route(teamRoutes.show)
  async show(@Req() request: FastifyRequest, @Param('id') id: string, @Res() reply: FastifyReply) {
    const include = readInclude(request, includes);
    const team = await this.mesh.call(teams.show, { caller: tfeCaller(request), id });
    return sendResource(reply, 200, encodeTeam(team), await this.included(request, [team], include));
  }

  @Route(teamRoutes.update)
  async update(@Req() request: FastifyRequest, @Param('id') id: string, @Res() reply: FastifyReply) {
    const document = readDocument(request);
    const team = await this.mesh.call(teams.update, { caller: tfeCaller(request), id, document });
    return sendResource(reply, 200, encodeTeam(team));
  }

  @Route(teamRoutes.delete)
  async delete(@Req() request: FastifyRequest, @Param('id') id: string, @Res() reply: FastifyReply) {
    await this.mesh.call(teams.delete, { caller: tfeCaller(request), id });
    return sendNothing(reply);
  }

  @Route(teamRoutes.addUsers)
  addUsers(@Req() request: FastifyRequest, @Param('id') id: string, @Res() reply: FastifyReply) {
    return this.change(teams.addUsers, request, id, reply);
  }

  @Route(teamRoutes.removeUsers)
  removeUsers(@Req() request: FastifyRequest, @Param('id') id: string, @Res() reply: FastifyReply) {
    return this.change(teams.removeUsers, request, id, reply);
  }

  @Route(teamRoutes.addMemberships)
  addMemberships(@Req() request: FastifyRequest, @Param('id') id: string, @Res() reply: FastifyReply) {
    return this.change(teams.addMemberships, request, id, reply);
  }

  @Route(teamRoutes.removeMemberships)
  removeMemberships(@Req() request: FastifyRequest, @Param('id') id: string, @Res() reply: FastifyReply) {
    return this.change(teams.removeMemberships, request, id, reply);
  }

  private async change(operation: MemberChange, request: FastifyRequest, id: string, reply: FastifyReply) {
    await this.mesh.call(operation, { caller: tfeCaller(request), id, document: readDocument(request) });
    return sendNothing(reply);
  }

  private async included(
    request: FastifyRequest,
    shown: readonly Team[],
    include: readonly (typeof includes)[number][],
  ): Promise<Resource[] | undefined> {
    if (include.length === 0) return undefined;
    const caller = tfeCaller(request);
    const users = include.includes('users') ? shown.flatMap(({ accountIds }) => accountIds) : [];
    const members = include.includes('organization-memberships')
      ? shown.flatMap(({ membershipIds }) => membershipIds)
      : [];
    return [...(await this.sideloads.accounts(caller, users)), ...(await this.sideloads.memberships(caller, members))];
  }
}
