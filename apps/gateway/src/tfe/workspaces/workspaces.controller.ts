import { Controller, Param, Req, Res } from '@nestjs/common';
import { type Workspace, type WorkspaceKey, workspaces } from '@terramesh/contracts';
import { Mesh } from '@terramesh/mesh';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Route } from '../../http/route.js';
import { askFitting } from '../fitting-pages.js';
import { readInclude, readPage } from '../query.js';
import { sendList, sendNothing, sendResource } from '../send-document.js';
import { readDocument, tfeCaller } from '../tfe-request.js';
import { WorkspaceRuns } from './workspace-runs.js';
import { type WorkspaceInclude, WorkspaceSideloads, workspaceIncludes } from './workspace-sideloads.js';
import { decodeWorkspaceQuery, encodeWorkspace } from './workspaces.codec.js';
import { workspaceRoutes } from './workspaces.routes.js';

interface Named {
  readonly organization: string;
  readonly name: string;
}

@Controller()
export class WorkspacesController {
  constructor(
    private readonly mesh: Mesh,
    private readonly runs: WorkspaceRuns,
    private readonly sideloads: WorkspaceSideloads,
  ) {}

  @Route(workspaceRoutes.list)
  async list(@Req() request: FastifyRequest, @Param('organization') name: string, @Res() reply: FastifyReply) {
    const page = readPage(request);
    const include = readInclude(request, workspaceIncludes);
    const caller = tfeCaller(request);
    const search = {
      caller,
      organizationName: name,
      include: tagsOf(include),
      ...decodeWorkspaceQuery(request),
    };
    const { items, total, matching } = await askFitting(page, (piece) =>
      this.mesh.call(workspaces.list, { ...search, page: piece }),
    );
    const latest = await this.runs.latest(items);
    const list = { items: items.map((one, index) => encodeWorkspace(one, latest[index])), page, total, matching };
    const included = await this.sideloads.load(caller, { items, latest }, include);
    return sendList(reply, request, included === undefined ? list : { ...list, included });
  }

  @Route(workspaceRoutes.create)
  async create(@Req() request: FastifyRequest, @Param('organization') name: string, @Res() reply: FastifyReply) {
    const input = { caller: tfeCaller(request), organizationName: name, document: readDocument(request) };
    return this.send(reply, 201, await this.mesh.call(workspaces.create, input));
  }

  @Route(workspaceRoutes.showNamed)
  showNamed(@Req() request: FastifyRequest, @Param() named: Named, @Res() reply: FastifyReply) {
    return this.showOne(request, keyOf(named), reply);
  }

  @Route(workspaceRoutes.updateNamed)
  updateNamed(@Req() request: FastifyRequest, @Param() named: Named, @Res() reply: FastifyReply) {
    return this.updateOne(request, keyOf(named), reply);
  }

  @Route(workspaceRoutes.deleteNamed)
  deleteNamed(@Req() request: FastifyRequest, @Param() named: Named, @Res() reply: FastifyReply) {
    return this.deleteOne(request, { key: keyOf(named), mode: 'force' }, reply);
  }

  @Route(workspaceRoutes.safeDeleteNamed)
  safeDeleteNamed(@Req() request: FastifyRequest, @Param() named: Named, @Res() reply: FastifyReply) {
    return this.deleteOne(request, { key: keyOf(named), mode: 'safe' }, reply);
  }

  @Route(workspaceRoutes.show)
  show(@Req() request: FastifyRequest, @Param('id') id: string, @Res() reply: FastifyReply) {
    return this.showOne(request, { id }, reply);
  }

  @Route(workspaceRoutes.update)
  update(@Req() request: FastifyRequest, @Param('id') id: string, @Res() reply: FastifyReply) {
    return this.updateOne(request, { id }, reply);
  }

  @Route(workspaceRoutes.delete)
  delete(@Req() request: FastifyRequest, @Param('id') id: string, @Res() reply: FastifyReply) {
    return this.deleteOne(request, { key: { id }, mode: 'force' }, reply);
  }

  @Route(workspaceRoutes.safeDelete)
  safeDelete(@Req() request: FastifyRequest, @Param('id') id: string, @Res() reply: FastifyReply) {
    return this.deleteOne(request, { key: { id }, mode: 'safe' }, reply);
  }

  @Route(workspaceRoutes.lock)
  async lock(@Req() request: FastifyRequest, @Param('id') id: string, @Res() reply: FastifyReply) {
    const input = { caller: tfeCaller(request), key: { id }, document: readDocument(request) };
    return this.send(reply, 200, await this.mesh.call(workspaces.lock, input));
  }

  @Route(workspaceRoutes.unlock)
  async unlock(@Req() request: FastifyRequest, @Param('id') id: string, @Res() reply: FastifyReply) {
    const input = { caller: tfeCaller(request), key: { id }, mode: 'own' } as const;
    return this.send(reply, 200, await this.mesh.call(workspaces.unlock, input));
  }

  @Route(workspaceRoutes.forceUnlock)
  async forceUnlock(@Req() request: FastifyRequest, @Param('id') id: string, @Res() reply: FastifyReply) {
    const input = { caller: tfeCaller(request), key: { id }, mode: 'force' } as const;
    return this.send(reply, 200, await this.mesh.call(workspaces.unlock, input));
  }

  private async showOne(request: FastifyRequest, key: WorkspaceKey, reply: FastifyReply) {
    const include = readInclude(request, workspaceIncludes);
    const caller = tfeCaller(request);
    const workspace = await this.mesh.call(workspaces.show, { caller, key, include: tagsOf(include) });
    const latest = await this.runs.latestOf(workspace);
    const included = await this.sideloads.load(caller, { items: [workspace], latest: [latest] }, include);
    return sendResource(reply, 200, encodeWorkspace(workspace, latest), included);
  }

  private async updateOne(request: FastifyRequest, key: WorkspaceKey, reply: FastifyReply) {
    const input = { caller: tfeCaller(request), key, document: readDocument(request) };
    return this.send(reply, 200, await this.mesh.call(workspaces.update, input));
  }

  private async deleteOne(
    request: FastifyRequest,
    target: { key: WorkspaceKey; mode: 'safe' | 'force' },
    reply: FastifyReply,
  ) {
    await this.mesh.call(workspaces.delete, { caller: tfeCaller(request), ...target });
    return sendNothing(reply);
  }

  private async send(reply: FastifyReply, httpStatus: number, workspace: Workspace) {
    const latest = await this.runs.latestOf(workspace);
    return sendResource(reply, httpStatus, encodeWorkspace(workspace, latest));
  }
}

function keyOf({ organization, name }: Named): WorkspaceKey {
  return { organizationName: organization, name };
}

/** What of it the service has to look up with the workspaces. */
function tagsOf(include: readonly WorkspaceInclude[]): 'effective_tag_bindings'[] {
  return include.includes('effective_tag_bindings') ? ['effective_tag_bindings'] : [];
}
