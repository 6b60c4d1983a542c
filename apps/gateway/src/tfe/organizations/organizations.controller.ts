import { Controller, Param, Req, Res } from '@nestjs/common';
import { type Organization, organizations, projects } from '@terramesh/contracts';
import { Mesh } from '@terramesh/mesh';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Route } from '../../http/route.js';
import { encodeProject } from '../projects/projects.codec.js';
import { queryText, readInclude, readPage } from '../query.js';
import { type Resource, sendList, sendNothing, sendResource } from '../send-document.js';
import { readDocument, tfeCaller } from '../tfe-request.js';
import { encodeEntitlements, encodeOrganization } from './organizations.codec.js';
import { organizationRoutes } from './organizations.routes.js';

const includes = ['default-project', 'entitlement-set'] as const;

@Controller()
export class OrganizationsController {
  constructor(private readonly mesh: Mesh) {}

  @Route(organizationRoutes.list)
  async list(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<FastifyReply> {
    const page = readPage(request);
    const query = queryText(request, 'q');
    const { items, total, matching } = await this.mesh.call(organizations.list, {
      caller: tfeCaller(request),
      page,
      query,
    });
    return sendList(reply, request, { items: items.map(encodeOrganization), page, total, matching });
  }

  @Route(organizationRoutes.create)
  async create(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<FastifyReply> {
    const document = readDocument(request);
    const made = await this.mesh.call(organizations.create, { caller: tfeCaller(request), document });
    return sendResource(reply, 201, encodeOrganization(made));
  }

  @Route(organizationRoutes.show)
  async show(@Req() request: FastifyRequest, @Param('organization') name: string, @Res() reply: FastifyReply) {
    const include = readInclude(request, includes);
    const organization = await this.mesh.call(organizations.show, { caller: tfeCaller(request), name });
    const included = include.length === 0 ? undefined : await this.included(request, organization, include);
    return sendResource(reply, 200, encodeOrganization(organization), included);
  }

  @Route(organizationRoutes.update)
  async update(@Req() request: FastifyRequest, @Param('organization') name: string, @Res() reply: FastifyReply) {
    const document = readDocument(request);
    const changed = await this.mesh.call(organizations.update, { caller: tfeCaller(request), name, document });
    return sendResource(reply, 200, encodeOrganization(changed));
  }

  @Route(organizationRoutes.delete)
  async delete(@Req() request: FastifyRequest, @Param('organization') name: string, @Res() reply: FastifyReply) {
    await this.mesh.call(organizations.delete, { caller: tfeCaller(request), name });
    return sendNothing(reply);
  }

  @Route(organizationRoutes.entitlements)
  async entitlements(@Req() request: FastifyRequest, @Param('organization') name: string, @Res() reply: FastifyReply) {
    const organization = await this.mesh.call(organizations.show, { caller: tfeCaller(request), name });
    return sendResource(reply, 200, encodeEntitlements(organization));
  }

  private async included(
    request: FastifyRequest,
    organization: Organization,
    include: readonly (typeof includes)[number][],
  ): Promise<Resource[]> {
    const resources: Resource[] = [];
    const { defaultProjectId: id } = organization;
    if (include.includes('default-project') && id !== null) {
      resources.push(encodeProject(await this.mesh.call(projects.show, { caller: tfeCaller(request), id })));
    }
    if (include.includes('entitlement-set')) resources.push(encodeEntitlements(organization));
    return resources;
  }
}
