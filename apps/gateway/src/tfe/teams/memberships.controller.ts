import { Controller, Param, Req, Res } from '@nestjs/common';
import { memberships } from '@terramesh/contracts';
import { Mesh } from '@terramesh/mesh';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Route } from '../../http/route.js';
import { queryNames, queryText, readInclude, readPage } from '../query.js';
import { sendList, sendNothing, sendResource } from '../send-document.js';
import { readDocument, tfeCaller } from '../tfe-request.js';
import { membershipRoutes } from './memberships.routes.js';
import { Sideloads } from './sideloads.js';
import { encodeMembership } from './teams.codec.js';

const includes = ['user'] as const;

@Controller()
export class MembershipsController {
  constructor(
    private readonly mesh: Mesh,
    private readonly sideloads: Sideloads,
  ) {}

  @Route(membershipRoutes.list)
  list(@Req() request: FastifyRequest, @Param('organization') name: string, @Res() reply: FastifyReply) {
    return this.sendPage(request, reply, name);
  }

  @Route(membershipRoutes.listOwn)
  listOwn(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    return this.sendPage(request, reply, null);
  }

  @Route(membershipRoutes.create)
  async create(@Req() request: FastifyRequest, @Param('organization') name: string, @Res() reply: FastifyReply) {
    const made = await this.mesh.call(memberships.create, {
      caller: tfeCaller(request),
      organizationName: name,
      document: readDocument(request),
    });
    return sendResource(reply, 201, encodeMembership(made));
  }

  @Route(membershipRoutes.show)
  async show(@Req() request: FastifyRequest, @Param('id') id: string, @Res() reply: FastifyReply) {
    const include = readInclude(request, includes);
    const caller = tfeCaller(request);
    const membership = await this.mesh.call(memberships.show, { caller, id });
    const included = include.length === 0 ? undefined : await this.sideloads.accounts(caller, [membership.accountId]);
    return sendResource(reply, 200, encodeMembership(membership), included);
  }

  @Route(membershipRoutes.delete)
  async delete(@Req() request: FastifyRequest, @Param('id') id: string, @Res() reply: FastifyReply) {
    await this.mesh.call(memberships.delete, { caller: tfeCaller(request), id });
    return sendNothing(reply);
  }

  private async sendPage(request: FastifyRequest, reply: FastifyReply, organizationName: string | null) {
    const page = readPage(request);
    const include = readInclude(request, includes);
    const caller = tfeCaller(request);
    const status = queryText(request, 'filter[status]');
    const { items, total, matching } = await this.mesh.call(memberships.list, {
      caller,
      organizationName,
      page,
      query: queryText(request, 'q'),
      // Nobody waits for an answer to an invitation, so nobody is found with another status.
      emails: (status ?? 'active') === 'active' ? queryNames(request, 'filter[email]') : [],
    });
    const list = { items: items.map(encodeMembership), page, total, matching };
    if (include.length === 0) return sendList(reply, request, list);
    const included = await this.sideloads.accounts(
      caller,
      items.map(({ accountId }) => accountId),
    );
    return sendList(reply, request, { ...list, included });
  }
}
