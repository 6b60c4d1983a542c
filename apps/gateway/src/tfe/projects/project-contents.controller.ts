import { Controller, Param, Req, Res } from '@nestjs/common';
import { projects } from '@terramesh/contracts';
import { Mesh } from '@terramesh/mesh';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Route } from '../../http/route.js';
import { sendAll, sendNothing } from '../send-document.js';
import { readDocument, tfeCaller } from '../tfe-request.js';
import { projectContentsRoutes } from './project-contents.routes.js';
import { encodeTag } from './projects.codec.js';

@Controller()
export class ProjectContentsController {
  constructor(private readonly mesh: Mesh) {}

  @Route(projectContentsRoutes.listTags)
  listTags(@Req() request: FastifyRequest, @Param('id') id: string, @Res() reply: FastifyReply) {
    return this.sendTags(request, { id, type: 'tag-bindings' }, reply);
  }

  @Route(projectContentsRoutes.listEffectiveTags)
  listEffectiveTags(@Req() request: FastifyRequest, @Param('id') id: string, @Res() reply: FastifyReply) {
    return this.sendTags(request, { id, type: 'effective-tag-bindings' }, reply);
  }

  @Route(projectContentsRoutes.listRelatedTags)
  listRelatedTags(@Req() request: FastifyRequest, @Param('id') id: string, @Res() reply: FastifyReply) {
    return this.sendTags(request, { id, type: 'tag-bindings' }, reply);
  }

  @Route(projectContentsRoutes.addTags)
  async addTags(@Req() request: FastifyRequest, @Param('id') id: string, @Res() reply: FastifyReply) {
    const { items } = await this.mesh.call(projects.addTagBindings, changeOf(request, id));
    return sendAll(
      reply,
      items.map((tag) => encodeTag(tag, 'tag-bindings')),
    );
  }

  @Route(projectContentsRoutes.addRelatedTags)
  async addRelatedTags(@Req() request: FastifyRequest, @Param('id') id: string, @Res() reply: FastifyReply) {
    await this.mesh.call(projects.addTagBindings, changeOf(request, id));
    return sendNothing(reply);
  }

  @Route(projectContentsRoutes.replaceTags)
  async replaceTags(@Req() request: FastifyRequest, @Param('id') id: string, @Res() reply: FastifyReply) {
    await this.mesh.call(projects.replaceTagBindings, changeOf(request, id));
    return sendNothing(reply);
  }

  @Route(projectContentsRoutes.moveWorkspaces)
  async moveWorkspaces(@Req() request: FastifyRequest, @Param('id') id: string, @Res() reply: FastifyReply) {
    await this.mesh.call(projects.moveWorkspaces, changeOf(request, id));
    return sendNothing(reply);
  }

  private async sendTags(
    request: FastifyRequest,
    { id, type }: { id: string; type: 'tag-bindings' | 'effective-tag-bindings' },
    reply: FastifyReply,
  ) {
    const { items } = await this.mesh.call(projects.listTagBindings, { caller: tfeCaller(request), id });
    return sendAll(
      reply,
      items.map((tag) => encodeTag(tag, type)),
    );
  }
}

function changeOf(request: FastifyRequest, id: string) {
  return { caller: tfeCaller(request), id, document: readDocument(request) };
}
