import { Controller, Query, Res } from '@nestjs/common';
import { AppError, type DriftRecord, driftRecords } from '@terramesh/contracts';
import { Mesh } from '@terramesh/mesh';
import type { FastifyReply } from 'fastify';
import { encodeGoJson } from '../atlantis/go-json.js';
import { GatewayOptions } from '../gateway.options.js';
import { parseInput } from '../http/parse.js';
import { Route } from '../http/route.js';
import { sendText } from '../http/send.js';
import { assertDriftIsOn } from './drift-gate.js';
import { encodeDriftStatus } from './drift-status.codec.js';
import { DriftStatusQuery, driftStatusRoutes } from './drift-status.routes.js';

const pageSize = 500;
/** The most projects of one answer. */
const maxProjects = 20_000;

@Controller()
export class DriftStatusController {
  constructor(
    private readonly mesh: Mesh,
    private readonly options: GatewayOptions,
  ) {}

  @Route(driftStatusRoutes.status)
  async status(@Query() query: unknown, @Res() reply: FastifyReply): Promise<FastifyReply> {
    assertDriftIsOn(this.options, 'detection');
    const { repository, project, workspace } = parseStatusQuery(query);
    const records = await this.read({ repository, project: project || null, workspace: workspace || null });
    const body = `${encodeGoJson(encodeDriftStatus(repository, records, new Date()))}\n`;
    return sendText(reply, 200, { contentType: 'application/json', body });
  }

  private async read(filter: { repository: string; project: string | null; workspace: string | null }) {
    const records: DriftRecord[] = [];
    let after: string | null = null;
    do {
      const page: { records: DriftRecord[]; next: string | null } = await this.mesh.call(driftRecords.list, {
        ...filter,
        after,
        limit: pageSize,
      });
      records.push(...page.records);
      after = page.next;
      if (records.length > maxProjects) {
        throw new AppError(
          'TOO_LARGE',
          `${maxProjects} projects are too many for one answer: filter, or use /api/drift/records`,
        );
      }
    } while (after !== null);
    return records;
  }
}

/** A missing repository is said in Atlantis' words. */
function parseStatusQuery(query: unknown) {
  const { repository } = (query ?? {}) as { repository?: unknown };
  if (repository === undefined || repository === '') throw new AppError('INVALID', 'repository parameter is required');
  return parseInput(DriftStatusQuery, query);
}
