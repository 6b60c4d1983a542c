// SQL over runs.result_text: the texts of an execution, which may be many MB.
import type { ResultPart } from '@terramesh/contracts';
import type { EntityManager } from 'typeorm';

/** The most of one text that is stored, in characters; what is over is cut with a note. */
const maxChars = 32 * 1024 * 1024;

export async function saveResult(
  tx: EntityManager,
  result: { executionId: string; part: ResultPart; text: string },
): Promise<void> {
  const body = storable(
    result.text.length <= maxChars ? result.text : `${result.text.slice(0, maxChars)}\n… cut at ${maxChars} characters`,
  );
  await tx.query(
    `insert into result_text (execution_id, part, body, chars) values ($1, $2, $3, length($3))
     on conflict (execution_id, part) do update set body = excluded.body, chars = excluded.chars`,
    [result.executionId, result.part, body],
  );
}

/** Postgres text cannot hold NUL. */
export function storable(text: string): string {
  return text.includes('\u0000') ? text.replaceAll('\u0000', '\uFFFD') : text;
}

export interface TextPosition {
  ordinal: number;
  part: string;
  offset: number;
}

export interface TextPiece {
  executionId: string;
  ordinal: number;
  part: ResultPart;
  offset: number;
  chars: number;
  text: string;
}

/** The texts from a position on, in execution order, at most `budget` characters in all (one text is cut to fit). */
export async function readTexts(
  tx: EntityManager,
  read: { runId: string; from: TextPosition; budget: number },
): Promise<TextPiece[]> {
  return tx.query<TextPiece[]>(
    `with texts as (
       select e.id, e.ordinal, t.part,
         case when e.ordinal = $2 and t.part = $3 then $4::int else 0 end as skipped, t.chars
       from execution e join result_text t on t.execution_id = e.id
       where e.run_id = $1 and (e.ordinal, t.part collate "C") >= ($2, $3)
     ), summed as (
       select *, coalesce(sum(chars - skipped) over (order by ordinal, part collate "C" rows between unbounded preceding and 1 preceding), 0) as before
       from texts
     )
     select id as "executionId", ordinal, s.part, skipped as "offset", s.chars,
       substr(t.body, skipped + 1, ($5 - before)::int) as text
     from summed s join result_text t on t.execution_id = s.id and t.part = s.part
     where before < $5 order by ordinal, s.part collate "C"`,
    [read.runId, read.from.ordinal, read.from.part, read.from.offset, read.budget],
  );
}
