// Collects, after everything has come to rest, what the checks look at.
const readTimeoutMs = 60_000;
const readsAtOnce = 4;

export async function collectFacts({ system, records, repository, load, driftLoad, settled }) {
  const executions = await records.executions();
  const runOf = new Map(executions.map(({ id, runId }) => [id, runId]));
  const effects = (await repository.effects()).map((one) => ({ ...one, runId: runOf.get(one.executionId) ?? null }));
  const accepted = load.requests.filter(({ runId }) => runId !== undefined);
  return {
    ...settled,
    requests: load.requests,
    runs: await records.runs(),
    executions,
    history: await records.history(),
    effects,
    commits: repository.commits,
    drift: { ...(await records.drift.facts()), requests: driftLoad.requests, proof: settled.driftProof },
    logChunks: await records.logChunks(),
    results: await each(accepted, async (request) => ({ runId: request.runId, ...(await load.result(request)) })),
    streams: await each(accepted, ({ runId }) => readLog(system, runId)),
  };
}

/** The numbers of all lines, as someone who follows the log gets them. */
async function readLog(system, runId) {
  const headers = { Accept: 'text/event-stream' };
  const { text } = await system.http('GET', `/api/runs/${runId}/logs`, { headers, timeoutMs: readTimeoutMs });
  const numbers = [...text.matchAll(/^id: (\d+)$/gm)].map(([, number]) => Number(number));
  return { runId, numbers, ended: /^event: end$/m.test(text) };
}

async function each(list, work) {
  const results = [];
  const entries = list.entries();
  const worker = async () => {
    for (const [index, one] of entries) results[index] = await work(one);
  };
  await Promise.all(Array.from({ length: readsAtOnce }, worker));
  return results;
}
