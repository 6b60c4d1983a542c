export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))];
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return Number.isInteger(middle) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[Math.floor(middle)];
}

/** How long `work` takes, in ms. */
async function timed(work) {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

/** `a` and `b` in turn, so that a machine that gets slower or faster meanwhile does so for both. */
export async function paired(rounds, a, b) {
  const pairs = [];
  for (let round = 0; round < rounds; round++) {
    // Each goes first in every other round.
    const first = round % 2 === 0 ? await timed(a) : undefined;
    const second = await timed(b);
    pairs.push({ a: first ?? (await timed(a)), b: second });
  }
  const ratios = pairs.map((pair) => pair.a / pair.b);
  return {
    aMs: median(pairs.map((pair) => pair.a)),
    bMs: median(pairs.map((pair) => pair.b)),
    ratio: median(ratios),
    ratioLow: Math.min(...ratios),
    ratioHigh: Math.max(...ratios),
  };
}
