// SQL over runs.result_text: the texts of an execution, which may be many MB, in pieces that are read one by one.
import type { ResultPart } from '@terramesh/contracts';
import type { EntityManager } from 'typeorm';

/** The most of one text that is stored, in characters; what is over is cut with a note. */
const maxChars = 32 * 1024 * 1024;
/** Of one stored piece, in UTF-16 units. At most 6 bytes each in JSON: a few fit a message. */
const pieceChars = 60_000;

/** Saves a text, in place of what was there. */
export async function saveResult(
  tx: EntityManager,
  result: { executionId: string; part: ResultPart; text: string },
): Promise<void> {
  const text = storable(
    result.text.length <= maxChars ? result.text : `${result.text.slice(0, maxChars)}\n… cut at ${maxChars} characters`,
  );
  await tx.query(
    `with gone as (delete from result_text where execution_id = $1 and part = $2 and piece >= cardinality($3::text[]))
     insert into result_text (execution_id, part, piece, body, chars)
     select $1, $2, piece - 1, body, length(body) from unnest($3::text[]) with ordinality as pieces (body, piece)
     on conflict (execution_id, part, piece) do update set body = excluded.body, chars = excluded.chars`,
    [result.executionId, result.part, piecesOf(text)],
  );
}

/** Postgres text cannot hold NUL. */
export function storable(text: string): string {
  return text.includes('\u0000') ? text.replaceAll('\u0000', '\uFFFD') : text;
}

/** At least one piece; no surrogate pair is split. */
function piecesOf(text: string): string[] {
  const pieces: string[] = [];
  for (let at = 0; at < text.length || pieces.length === 0; ) {
    const end = at + pieceChars;
    const splits = end < text.length && /[\uD800-\uDBFF]/.test(text.charAt(end - 1));
    pieces.push(text.slice(at, splits ? end - 1 : end));
    at = splits ? end - 1 : end;
  }
  return pieces;
}

/** Of a piece: its execution's place in the run, its part, its number in the text. */
export interface TextPosition {
  readonly ordinal: number;
  readonly part: string;
  readonly piece: number;
}

export interface TextPiece extends TextPosition {
  readonly executionId: string;
  readonly part: ResultPart;
  readonly text: string;
}

/** How many small pieces are read at most. */
const piecesAtOnce = 500;

/** The next pieces after a position, in execution order: as many as fit the budget, and always one if there is one. */
export async function readTexts(
  tx: EntityManager,
  read: { runId: string; after: TextPosition; budgetChars: number },
): Promise<{ texts: TextPiece[]; more: 'yes' | 'no' }> {
  const rows = await tx.query<(TextPiece & { found: string })[]>(
    `with next as (
       select e.id, e.ordinal, t.part, t.piece, t.chars,
         sum(t.chars) over (order by e.ordinal, t.part collate "C", t.piece) as upto
       from execution e join result_text t on t.execution_id = e.id
       where e.run_id = $1 and (e.ordinal, t.part collate "C", t.piece) > ($2, $3, $4)
       order by e.ordinal, t.part collate "C", t.piece limit $6
     )
     select next.id as "executionId", next.ordinal, next.part, next.piece, t.body as text,
       (select count(*) from next) as found
     from next join result_text t on t.execution_id = next.id and t.part = next.part and t.piece = next.piece
     where next.upto <= $5 or next.upto = next.chars
     order by next.ordinal, next.part collate "C", next.piece`,
    [read.runId, read.after.ordinal, read.after.part, read.after.piece, read.budgetChars, piecesAtOnce],
  );
  const found = Number(rows[0]?.found ?? 0);
  return { texts: rows, more: found > rows.length || found === piecesAtOnce ? 'yes' : 'no' };
}
