// What is told of remediations, in pieces that fit a message.
import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import {
  AppError,
  type HandlerResult,
  type ParsedInput,
  type Remediation,
  RemediationText,
  type remediations,
} from '@terramesh/contracts';
import { DriftContext } from '../context.js';
import { listTargets, readText } from '../persistence/remediation-targets.js';
import { getRemediation, listRemediations } from '../persistence/remediations.js';

type Answer = HandlerResult<typeof remediations.targets>;
type Piece = Answer['pieces'][number];

/** Characters of texts in one answer: at most 6 bytes each in JSON, which stays under the mesh's 1 MB. */
const budgetChars = 100_000;
/** At most 6 kB each in an answer, when every character of their names is escaped. */
const targetsPerPage = 50;
const pollMs = 250;
const parts = RemediationText.options;

@Injectable()
export class ReadRemediations {
  constructor(private readonly context: DriftContext) {}

  /** NOT_FOUND. */
  get(id: string): Promise<Remediation> {
    return getRemediation(this.context.manager, id);
  }

  /** NOT_FOUND. */
  async wait({ id, waitMs }: ParsedInput<typeof remediations.wait>): Promise<Remediation> {
    const endsAt = performance.now() + waitMs;
    for (;;) {
      const remediation = await this.get(id);
      const leftMs = endsAt - performance.now();
      if (remediation.completedAt !== null || leftMs <= 0) return remediation;
      await delay(Math.min(pollMs, leftMs));
    }
  }

  async list(list: ParsedInput<typeof remediations.list>): Promise<HandlerResult<typeof remediations.list>> {
    return { remediations: await listRemediations(this.context.manager, list) };
  }

  /** NOT_FOUND; INVALID for a cursor of something else. */
  async targets({ id, texts, cursor }: ParsedInput<typeof remediations.targets>): Promise<Answer> {
    const start = decodeCursor(cursor);
    const { manager } = this.context;
    const [rows] = await Promise.all([
      listTargets(manager, id, start.ordinal, targetsPerPage + 1),
      getRemediation(manager, id),
    ]);
    const pieces: Piece[] = [];
    let leftChars = budgetChars;
    for (const { lengths, ...target } of rows.slice(0, targetsPerPage)) {
      const { ordinal } = target;
      const isFirst = ordinal === start.ordinal;
      if (!isFirst || start.part === 0) pieces.push({ kind: 'target', target });
      for (const [place, part] of texts === 'with' ? parts.entries() : []) {
        let at = isFirst && place + 1 === start.part ? start.at : 0;
        if (isFirst && place + 1 < start.part) continue;
        while (at < lengths[part]) {
          if (leftChars <= 0) return { pieces, next: `${ordinal}.${place + 1}.${at}` };
          const text = await readText(manager, id, { ordinal, part, at, count: leftChars });
          pieces.push({ kind: 'text', ordinal, part, text });
          at += leftChars;
          leftChars -= text.length;
        }
      }
    }
    const further = rows[targetsPerPage];
    return { pieces, next: further === undefined ? null : `${further.ordinal}.0.0` };
  }
}

/** `<ordinal>.<part>.<character>` of what comes next; part 0 is the target itself. */
function decodeCursor(cursor: string | null): { ordinal: number; part: number; at: number } {
  if (cursor === null) return { ordinal: 0, part: 0, at: 0 };
  const match = /^(\d{1,6})\.([0-3])\.(\d{1,9})$/.exec(cursor);
  if (match === null) throw new AppError('INVALID', 'cursor is not of this list');
  return { ordinal: Number(match[1]), part: Number(match[2]), at: Number(match[3]) };
}
