import { Controller, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { parseInput } from '../http/parse.js';
import { Route } from '../http/route.js';
import { sendText } from '../http/send.js';
import { Profiler } from './profiler.js';
import { ProfileQuery, profilingRoutes } from './profiling.routes.js';

const index = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>/debug/pprof/</title></head><body>
<ul>
<li><a href="/debug/pprof/heap">heap</a></li>
<li><a href="/debug/pprof/profile?seconds=10">profile</a></li>
<li><a href="/debug/pprof/cmdline">cmdline</a></li>
</ul>
</body></html>
`;

@Controller()
export class ProfilingController {
  constructor(private readonly profiler: Profiler) {}

  @Route(profilingRoutes.index)
  index(@Res() reply: FastifyReply): FastifyReply {
    return sendText(reply, 200, { contentType: 'text/html; charset=utf-8', body: index });
  }

  /** Only what started: arguments may hold secrets. */
  @Route(profilingRoutes.cmdline)
  cmdline(@Res() reply: FastifyReply): FastifyReply {
    const body = process.argv.slice(0, 2).join('\0');
    return sendText(reply, 200, { contentType: 'text/plain; charset=utf-8', body });
  }

  @Route(profilingRoutes.heap)
  async heap(@Res() reply: FastifyReply): Promise<FastifyReply> {
    return sendProfile(reply, 'heap', await this.profiler.heap());
  }

  @Route(profilingRoutes.profile)
  async profile(@Query() query: unknown, @Res() reply: FastifyReply): Promise<FastifyReply> {
    const { seconds } = parseInput(ProfileQuery, query);
    return sendProfile(reply, 'profile', await this.profiler.time(seconds));
  }
}

function sendProfile(reply: FastifyReply, name: string, profile: Buffer): FastifyReply {
  reply.header('content-type', 'application/octet-stream');
  reply.header('content-disposition', `attachment; filename="${name}.pb.gz"`);
  return reply.send(profile);
}
