import { Controller, Query, Res } from '@nestjs/common';
import { AppError, errorMeanings, isAppError, locks } from '@terramesh/contracts';
import { Mesh } from '@terramesh/mesh';
import type { FastifyReply } from 'fastify';
import { Route } from '../http/route.js';
import { sendPlain, sendText } from '../http/send.js';
import { AllLocks } from './all-locks.js';
import { lockPage } from './lock-page.js';
import { applyLockText, decodeLockId } from './locks.codec.js';
import { lockRoutes } from './locks.routes.js';

@Controller()
export class LocksController {
  constructor(
    private readonly mesh: Mesh,
    private readonly allLocks: AllLocks,
  ) {}

  @Route(lockRoutes.list)
  async list(@Res() reply: FastifyReply): Promise<FastifyReply> {
    const body = await this.allLocks.read();
    return reply.code(200).header('content-type', 'application/json').send(body);
  }

  @Route(lockRoutes.page)
  page(@Query('id') id: unknown, @Res() reply: FastifyReply): Promise<FastifyReply> {
    return inPlainText(reply, { id, doing: 'reading lock' }, async () => {
      const lock = await this.mesh.call(locks.find, { name: decodeLockId(id) });
      const { html, contentSecurityPolicy } = lockPage(lock);
      reply.header('content-security-policy', contentSecurityPolicy).header('cache-control', 'no-store');
      return sendText(reply, 200, { contentType: 'text/html; charset=utf-8', body: html });
    });
  }

  @Route(lockRoutes.release)
  release(@Query('id') id: unknown, @Res() reply: FastifyReply): Promise<FastifyReply> {
    return inPlainText(reply, { id, doing: 'deleting lock' }, async () => {
      await this.mesh.call(locks.delete, { name: decodeLockId(id) });
      return sendPlain(reply, 200, `Deleted lock id '${id}'`);
    });
  }

  @Route(lockRoutes.lockApplies)
  lockApplies(@Res() reply: FastifyReply): Promise<FastifyReply> {
    return inPlainText(reply, { id: '', doing: 'creating apply lock' }, async () => {
      const { since } = await this.mesh.call(locks.setApplyLock, { state: 'locked' });
      if (since === null) throw new AppError('CONFLICT', 'it was deleted at the same moment');
      return sendPlain(reply, 200, applyLockText(since));
    });
  }

  @Route(lockRoutes.unlockApplies)
  unlockApplies(@Res() reply: FastifyReply): Promise<FastifyReply> {
    return inPlainText(reply, { id: '', doing: 'deleting apply lock' }, async () => {
      await this.mesh.call(locks.setApplyLock, { state: 'unlocked' });
      return sendPlain(reply, 200, 'Deleted apply lock');
    });
  }
}

/** Expected errors in Atlantis' words, as text (Atlantis: locks_controller.go). */
async function inPlainText(
  reply: FastifyReply,
  { id, doing }: { id: unknown; doing: string },
  answer: () => Promise<FastifyReply>,
): Promise<FastifyReply> {
  try {
    return await answer();
  } catch (error) {
    if (!isAppError(error) || error.code === 'INTERNAL') throw error;
    return sendPlain(reply, errorMeanings[error.code].httpStatus, sentence(error, { id, doing }));
  }
}

function sentence(error: AppError, { id, doing }: { id: unknown; doing: string }): string {
  if (error.code === 'INVALID') return error.message;
  if (error.code === 'NOT_FOUND') return `No lock found at id '${id}'`;
  return `${doing} failed with: '${error.message}'`;
}
