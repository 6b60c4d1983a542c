// The ways an answer of the TFE API leaves the gateway.
import type { PageRequest } from '@terramesh/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { pathOf, sendText } from '../http/send.js';
import { queryEntries } from './query.js';
import { tfeRequest } from './tfe-request.js';

export const jsonApiMediaType = 'application/vnd.api+json';

export interface ResourceIdentifier {
  readonly id: string;
  readonly type: string;
}

export interface Relationship {
  readonly data?: ResourceIdentifier | readonly ResourceIdentifier[] | null;
  readonly links?: { readonly related: string };
}

/** One resource object; its links are absolute paths. */
export interface Resource extends ResourceIdentifier {
  readonly attributes?: object;
  readonly relationships?: Readonly<Record<string, Relationship>>;
  readonly links?: Readonly<Record<string, string | null>>;
}

export interface ResourceList {
  readonly items: readonly Resource[];
  readonly page: PageRequest;
  readonly total: number;
  readonly matching: number;
  readonly included?: readonly Resource[];
}

export function sendResource(
  reply: FastifyReply,
  httpStatus: number,
  data: Resource,
  included?: readonly Resource[],
): FastifyReply {
  return sendDocument(reply, httpStatus, { data, ...(included === undefined ? {} : { included }) });
}

/** Everything at once, without pages. */
export function sendAll(reply: FastifyReply, data: readonly Resource[]): FastifyReply {
  return sendDocument(reply, 200, { data });
}

/** One page, with absolute links to the others that keep every other query parameter. */
export function sendList(reply: FastifyReply, request: FastifyRequest, list: ResourceList): FastifyReply {
  const { items, page, total, matching, included } = list;
  const totalPages = Math.max(1, Math.ceil(matching / page.size));
  const isInside = page.number <= totalPages;
  const prevPage = isInside && page.number > 1 ? page.number - 1 : null;
  const nextPage = page.number < totalPages ? page.number + 1 : null;
  const link = linkMaker(request, page.size);
  return sendDocument(reply, 200, {
    data: items,
    ...(included === undefined ? {} : { included }),
    links: {
      self: link(page.number),
      first: link(1),
      prev: prevPage === null ? null : link(prevPage),
      next: nextPage === null ? null : link(nextPage),
      last: link(totalPages),
    },
    meta: {
      'status-counts': { total, matching },
      pagination: {
        'current-page': page.number,
        'page-size': page.size,
        'prev-page': prevPage,
        'next-page': nextPage,
        'total-pages': totalPages,
        'total-count': matching,
      },
    },
  });
}

/** 204: it is done, and there is nothing to say. */
export function sendNothing(reply: FastifyReply): FastifyReply {
  return reply.code(204).send();
}

function sendDocument(reply: FastifyReply, httpStatus: number, document: object): FastifyReply {
  return sendText(reply, httpStatus, { contentType: jsonApiMediaType, body: `${JSON.stringify(document)}\n` });
}

function linkMaker(request: FastifyRequest, size: number): (number: number) => string {
  const path = pathOf(request);
  const others = queryEntries(request).filter(([name]) => name !== 'page[number]' && name !== 'page[size]');
  const { linkBase } = tfeRequest(request);
  return (number) => {
    const query = new URLSearchParams(others);
    query.append('page[number]', String(number));
    query.append('page[size]', String(size));
    return `${linkBase}${path}?${query}`;
  };
}
