import { Controller, Param, Req, Res } from '@nestjs/common';
import { teamProjects } from '@terramesh/contracts';
import { Mesh } from '@terramesh/mesh';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Route } from '../../http/route.js';
import { readPage } from '../query.js';
import { sendList, sendNothing, sendResource } from '../send-document.js';
import { readDocument, tfeCaller } from '../tfe-request.js';
import { decodeProjectFilter, encodeTeamProject } from './team-projects.codec.js';
import { teamProjectRoutes } from './team-projects.routes.js';

@Controller()
export class TeamProjectsController {
  constructor(private readonly mesh: Mesh) {}

  @Route(teamProjectRoutes.list)
  async list(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    const page = readPage(request);
    const projectId = decodeProjectFilter(request);
    const found = await this.mesh.call(teamProjects.list, { caller: tfeCaller(request), projectId, page });
    return sendList(reply, request, { ...found, page, items: found.items.map(encodeTeamProject) });
  }

  @Route(teamProjectRoutes.create)
  async create(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    const document = readDocument(request);
    const teamProject = await this.mesh.call(teamProjects.create, { caller: tfeCaller(request), document });
    return sendResource(reply, 201, encodeTeamProject(teamProject));
  }

  @Route(teamProjectRoutes.show)
  async show(@Req() request: FastifyRequest, @Param('id') id: string, @Res() reply: FastifyReply) {
    const teamProject = await this.mesh.call(teamProjects.show, { caller: tfeCaller(request), id });
    return sendResource(reply, 200, encodeTeamProject(teamProject));
  }

  @Route(teamProjectRoutes.update)
  async update(@Req() request: FastifyRequest, @Param('id') id: string, @Res() reply: FastifyReply) {
    const document = readDocument(request);
    const teamProject = await this.mesh.call(teamProjects.update, { caller: tfeCaller(request), id, document });
    return sendResource(reply, 200, encodeTeamProject(teamProject));
  }

  @Route(teamProjectRoutes.delete)
  async delete(@Req() request: FastifyRequest, @Param('id') id: string, @Res() reply: FastifyReply) {
    await this.mesh.call(teamProjects.delete, { caller: tfeCaller(request), id });
    return sendNothing(reply);
  }
}
