import { Controller, Param, Req, Res } from '@nestjs/common';
import { projects } from '@terramesh/contracts';
import { Mesh } from '@terramesh/mesh';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Route } from '../../http/route.js';
import { readInclude, readPage } from '../query.js';
import { sendList, sendNothing, sendResource } from '../send-document.js';
import { readDocument, tfeCaller } from '../tfe-request.js';
import { decodeProjectQuery, encodeIncluded, encodeProject } from './projects.codec.js';
import { projectRoutes } from './projects.routes.js';

const includes = ['effective_tag_bindings'] as const;

@Controller()
export class ProjectsController {
  constructor(private readonly mesh: Mesh) {}

  @Route(projectRoutes.list)
  async list(@Req() request: FastifyRequest, @Param('organization') name: string, @Res() reply: FastifyReply) {
    const page = readPage(request);
    const { items, total, matching } = await this.mesh.call(projects.list, {
      caller: tfeCaller(request),
      organizationName: name,
      page,
      include: readInclude(request, includes),
      ...decodeProjectQuery(request),
    });
    const included = encodeIncluded(items);
    const list = { items: items.map(encodeProject), page, total, matching };
    return sendList(reply, request, included === undefined ? list : { ...list, included });
  }

  @Route(projectRoutes.create)
  async create(@Req() request: FastifyRequest, @Param('organization') name: string, @Res() reply: FastifyReply) {
    const project = await this.mesh.call(projects.create, {
      caller: tfeCaller(request),
      organizationName: name,
      document: readDocument(request),
    });
    return sendResource(reply, 201, encodeProject(project));
  }

  @Route(projectRoutes.show)
  async show(@Req() request: FastifyRequest, @Param('id') id: string, @Res() reply: FastifyReply) {
    const include = readInclude(request, includes);
    const project = await this.mesh.call(projects.show, { caller: tfeCaller(request), id, include });
    return sendResource(reply, 200, encodeProject(project), encodeIncluded([project]));
  }

  @Route(projectRoutes.update)
  async update(@Req() request: FastifyRequest, @Param('id') id: string, @Res() reply: FastifyReply) {
    const document = readDocument(request);
    const project = await this.mesh.call(projects.update, { caller: tfeCaller(request), id, document });
    return sendResource(reply, 200, encodeProject(project));
  }

  @Route(projectRoutes.delete)
  async delete(@Req() request: FastifyRequest, @Param('id') id: string, @Res() reply: FastifyReply) {
    await this.mesh.call(projects.delete, { caller: tfeCaller(request), id });
    return sendNothing(reply);
  }
}
