import { Controller, Param, Req, Res } from '@nestjs/common';
import { AppError, type TagBinding, targetRuns, type Workspace, workspaces } from '@terramesh/contracts';
import { Mesh } from '@terramesh/mesh';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Route } from '../../http/route.js';
import { encodeTag } from '../projects/projects.codec.js';
import { readInclude, readPage } from '../query.js';
import { sendAll, sendList, sendNothing, sendResource } from '../send-document.js';
import { readDocument, tfeCaller } from '../tfe-request.js';
import { encodeRun } from './runs.codec.js';
import { workspaceContentsRoutes } from './workspace-contents.routes.js';
import { WorkspaceRuns } from './workspace-runs.js';
import { encodeEffectiveTag, encodeTagName, encodeWorkspace } from './workspaces.codec.js';

@Controller()
export class WorkspaceContentsController {
  constructor(
    private readonly mesh: Mesh,
    private readonly runs: WorkspaceRuns,
  ) {}

  @Route(workspaceContentsRoutes.listBindings)
  async listBindings(@Req() request: FastifyRequest, @Param('id') id: string, @Res() reply: FastifyReply) {
    const { items } = await this.mesh.call(workspaces.listTagBindings, { caller: tfeCaller(request), key: { id } });
    return sendBindings(reply, items);
  }

  @Route(workspaceContentsRoutes.addBindings)
  async addBindings(@Req() request: FastifyRequest, @Param('id') id: string, @Res() reply: FastifyReply) {
    const { items } = await this.mesh.call(workspaces.addTagBindings, changeOf(request, id));
    return sendBindings(reply, items);
  }

  @Route(workspaceContentsRoutes.replaceBindings)
  async replaceBindings(@Req() request: FastifyRequest, @Param('id') id: string, @Res() reply: FastifyReply) {
    await this.mesh.call(workspaces.replaceTagBindings, changeOf(request, id));
    return sendNothing(reply);
  }

  @Route(workspaceContentsRoutes.listEffectiveBindings)
  async listEffectiveBindings(@Req() request: FastifyRequest, @Param('id') id: string, @Res() reply: FastifyReply) {
    const { effectiveTags } = await this.mesh.call(workspaces.show, {
      caller: tfeCaller(request),
      key: { id },
      include: ['effective_tag_bindings'],
    });
    return sendAll(reply, (effectiveTags ?? []).map(encodeEffectiveTag));
  }

  @Route(workspaceContentsRoutes.listTags)
  async listTags(@Req() request: FastifyRequest, @Param('id') id: string, @Res() reply: FastifyReply) {
    const page = readPage(request);
    const found = await this.mesh.call(workspaces.listTagNames, { caller: tfeCaller(request), key: { id }, page });
    return sendList(reply, request, { ...found, page, items: found.items.map(encodeTagName) });
  }

  @Route(workspaceContentsRoutes.addTags)
  async addTags(@Req() request: FastifyRequest, @Param('id') id: string, @Res() reply: FastifyReply) {
    await this.mesh.call(workspaces.addTagNames, changeOf(request, id));
    return sendNothing(reply);
  }

  @Route(workspaceContentsRoutes.removeTags)
  async removeTags(@Req() request: FastifyRequest, @Param('id') id: string, @Res() reply: FastifyReply) {
    await this.mesh.call(workspaces.removeTagNames, changeOf(request, id));
    return sendNothing(reply);
  }

  @Route(workspaceContentsRoutes.listStateConsumers)
  listStateConsumers(@Req() request: FastifyRequest, @Param('id') id: string, @Res() reply: FastifyReply) {
    return this.sendEmpty(request, id, reply);
  }

  @Route(workspaceContentsRoutes.listVariables)
  listVariables(@Req() request: FastifyRequest, @Param('id') id: string, @Res() reply: FastifyReply) {
    return this.sendEmpty(request, id, reply);
  }

  /** Of a workspace that may be seen as of one that may not: no state is there. */
  @Route(workspaceContentsRoutes.currentState)
  currentState(): never {
    throw new AppError('NOT_FOUND', 'not found');
  }

  @Route(workspaceContentsRoutes.listRuns)
  async listRuns(@Req() request: FastifyRequest, @Param('id') id: string, @Res() reply: FastifyReply) {
    const page = readPage(request);
    const workspace = await this.visible(request, id);
    const { place } = workspace;
    const { items, total } =
      place === null ? { items: [], total: 0 } : await this.mesh.call(targetRuns.list, { place, page });
    const resources = items.map((run) => encodeRun(run, workspace));
    return sendList(reply, request, { items: resources, page, total, matching: total });
  }

  @Route(workspaceContentsRoutes.showRun)
  async showRun(@Req() request: FastifyRequest, @Param('id') id: string, @Res() reply: FastifyReply) {
    const include = readInclude(request, ['workspace']);
    const run = await this.mesh.call(targetRuns.get, { id: id.slice(0, 100) });
    const workspace = await this.mesh.call(workspaces.showOfPlace, { caller: tfeCaller(request), place: run.place });
    const included =
      include.length === 0 ? undefined : [encodeWorkspace(workspace, await this.runs.latestOf(workspace))];
    return sendResource(reply, 200, encodeRun(run, workspace), included);
  }

  private async sendEmpty(request: FastifyRequest, id: string, reply: FastifyReply) {
    const page = readPage(request);
    await this.visible(request, id);
    return sendList(reply, request, { items: [], page, total: 0, matching: 0 });
  }

  private visible(request: FastifyRequest, id: string): Promise<Workspace> {
    return this.mesh.call(workspaces.show, { caller: tfeCaller(request), key: { id } });
  }
}

function sendBindings(reply: FastifyReply, items: readonly TagBinding[]) {
  return sendAll(
    reply,
    items.map((tag) => encodeTag(tag, 'tag-bindings')),
  );
}

function changeOf(request: FastifyRequest, id: string) {
  return { caller: tfeCaller(request), key: { id }, document: readDocument(request) };
}
