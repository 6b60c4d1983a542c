import { Controller, Param, Req, Res } from '@nestjs/common';
import { accounts } from '@terramesh/contracts';
import { Mesh } from '@terramesh/mesh';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Route } from '../../http/route.js';
import { queryText, readPage } from '../query.js';
import { sendList, sendNothing, sendResource } from '../send-document.js';
import { readDocument, tfeCaller } from '../tfe-request.js';
import { encodeAccount } from './accounts.codec.js';
import { accountRoutes } from './accounts.routes.js';

@Controller()
export class AccountsController {
  constructor(private readonly mesh: Mesh) {}

  @Route(accountRoutes.details)
  async details(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<FastifyReply> {
    const account = await this.mesh.call(accounts.details, { caller: tfeCaller(request) });
    return sendResource(reply, 200, encodeAccount(account));
  }

  @Route(accountRoutes.updateOwn)
  async updateOwn(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<FastifyReply> {
    const document = readDocument(request);
    const account = await this.mesh.call(accounts.updateOwn, { caller: tfeCaller(request), document });
    return sendResource(reply, 200, encodeAccount(account));
  }

  @Route(accountRoutes.show)
  async show(@Req() request: FastifyRequest, @Param('id') id: string, @Res() reply: FastifyReply) {
    const account = await this.mesh.call(accounts.show, { caller: tfeCaller(request), id });
    return sendResource(reply, 200, encodeAccount(account));
  }

  @Route(accountRoutes.list)
  async list(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<FastifyReply> {
    const page = readPage(request);
    const query = queryText(request, 'q');
    const { items, total, matching } = await this.mesh.call(accounts.list, {
      caller: tfeCaller(request),
      page,
      query,
    });
    return sendList(reply, request, { items: items.map(encodeAccount), page, total, matching });
  }

  @Route(accountRoutes.create)
  async create(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<FastifyReply> {
    const document = readDocument(request);
    const account = await this.mesh.call(accounts.create, { caller: tfeCaller(request), document });
    return sendResource(reply, 201, encodeAccount(account));
  }

  @Route(accountRoutes.delete)
  async delete(@Req() request: FastifyRequest, @Param('id') id: string, @Res() reply: FastifyReply) {
    await this.mesh.call(accounts.delete, { caller: tfeCaller(request), id });
    return sendNothing(reply);
  }

  @Route(accountRoutes.grantAdmin)
  grantAdmin(@Req() request: FastifyRequest, @Param('id') id: string, @Res() reply: FastifyReply) {
    return this.setSiteAdmin(request, reply, { id, isSiteAdmin: true });
  }

  @Route(accountRoutes.revokeAdmin)
  revokeAdmin(@Req() request: FastifyRequest, @Param('id') id: string, @Res() reply: FastifyReply) {
    return this.setSiteAdmin(request, reply, { id, isSiteAdmin: false });
  }

  private async setSiteAdmin(
    request: FastifyRequest,
    reply: FastifyReply,
    wanted: { readonly id: string; readonly isSiteAdmin: boolean },
  ): Promise<FastifyReply> {
    const account = await this.mesh.call(accounts.setSiteAdmin, { caller: tfeCaller(request), ...wanted });
    return sendResource(reply, 200, encodeAccount(account));
  }
}
