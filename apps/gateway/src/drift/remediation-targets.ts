// The targets of a remediation, read page by page, one at a time in memory.
import { type OperationOutput, type RemediatedTarget, remediations } from '@terramesh/contracts';
import type { Mesh } from '@terramesh/mesh';
import { callPatiently, type Patience } from '../mesh-patience.js';
import type { TextedTarget } from './drift-remediate.codec.js';

type Page = OperationOutput<typeof remediations.targets>;
type Gathering = { target: RemediatedTarget; texts: { plan_output: string; apply_output: string; error: string } };

export async function* readTargets(
  mesh: Mesh,
  { id, texts }: { id: string; texts: 'with' | 'without' },
  patience: Patience,
): AsyncGenerator<TextedTarget> {
  let cursor: string | null = null;
  let current: Gathering | undefined;
  do {
    const page: Page = await callPatiently(mesh, remediations.targets, { id, texts, cursor }, patience);
    for (const piece of page.pieces) {
      if (piece.kind === 'target') {
        if (current !== undefined) yield current;
        current = { target: piece.target, texts: { plan_output: '', apply_output: '', error: '' } };
      } else if (current !== undefined) {
        current.texts[piece.part] += piece.text;
      }
    }
    cursor = page.next;
  } while (cursor !== null);
  if (current !== undefined) yield current;
}
