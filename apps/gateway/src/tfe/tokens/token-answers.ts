// What the routes of users', teams' and organizations' tokens have in common.
import { Injectable } from '@nestjs/common';
import { hashToken, newToken, type TokenOwner, tokens } from '@terramesh/contracts';
import { Mesh } from '@terramesh/mesh';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { readPage } from '../query.js';
import { sendList, sendNothing, sendResource } from '../send-document.js';
import { readDocument, tfeCaller } from '../tfe-request.js';
import { encodeToken } from './tokens.codec.js';

@Injectable()
export class TokenAnswers {
  constructor(private readonly mesh: Mesh) {}

  /** The token is made here and leaves with the answer: only its hash goes any further. */
  async made(request: FastifyRequest, reply: FastifyReply, owner: TokenOwner, as: 'single' | 'another') {
    const text = newToken();
    const token = await this.mesh.call(tokens.create, {
      caller: tfeCaller(request),
      owner,
      document: readDocument(request),
      tokenHash: hashToken(text),
      as,
    });
    reply.header('cache-control', 'no-store');
    return sendResource(reply, 201, encodeToken(token, text));
  }

  async listed(request: FastifyRequest, reply: FastifyReply, owner: TokenOwner): Promise<FastifyReply> {
    const page = readPage(request);
    const { items } = await this.mesh.call(tokens.list, { caller: tfeCaller(request), owner });
    const start = (page.number - 1) * page.size;
    const shown = items.slice(start, start + page.size).map((token) => encodeToken(token));
    return sendList(reply, request, { items: shown, page, total: items.length, matching: items.length });
  }

  async single(request: FastifyRequest, reply: FastifyReply, owner: TokenOwner): Promise<FastifyReply> {
    const token = await this.mesh.call(tokens.showSingle, { caller: tfeCaller(request), owner });
    return sendResource(reply, 200, encodeToken(token));
  }

  async singleGone(request: FastifyRequest, reply: FastifyReply, owner: TokenOwner): Promise<FastifyReply> {
    await this.mesh.call(tokens.deleteSingle, { caller: tfeCaller(request), owner });
    return sendNothing(reply);
  }
}
