// What `include` adds to documents about teams and memberships.
import { Injectable } from '@nestjs/common';
import { accounts, type Caller, memberships } from '@terramesh/contracts';
import { Mesh } from '@terramesh/mesh';
import { encodeAccount } from '../accounts/accounts.codec.js';
import type { Resource } from '../send-document.js';
import { encodeMembership } from './teams.codec.js';

/** Most that are asked for in one call; a page of the largest teams has more, and then each only once. */
const chunkSize = 1000;

@Injectable()
export class Sideloads {
  constructor(private readonly mesh: Mesh) {}

  async accounts(caller: Caller, ids: readonly string[]): Promise<Resource[]> {
    const found = await inChunks(ids, (chunk) => this.mesh.call(accounts.find, { caller, ids: chunk }));
    return found.map(encodeAccount);
  }

  async memberships(caller: Caller, ids: readonly string[]): Promise<Resource[]> {
    const found = await inChunks(ids, (chunk) => this.mesh.call(memberships.find, { caller, ids: chunk }));
    return found.map(encodeMembership);
  }
}

async function inChunks<T>(
  ids: readonly string[],
  ask: (chunk: string[]) => Promise<{ readonly items: readonly T[] }>,
): Promise<T[]> {
  const different = [...new Set(ids)];
  const found: T[] = [];
  for (let start = 0; start < different.length; start += chunkSize) {
    found.push(...(await ask(different.slice(start, start + chunkSize))).items);
  }
  return found;
}
