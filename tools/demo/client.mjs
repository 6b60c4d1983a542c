// What the demo needs of the API; everything goes through real HTTP, as any script of yours would.

const requestTimeoutMs = 120_000;

/** @param {string} url @param {string} secret */
export function createClient(url, secret) {
  const request = async (method, path, { body, headers = {}, timeoutMs = requestTimeoutMs } = {}) => {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: { 'X-Atlantis-Token': secret, 'Content-Type': 'application/json', ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(timeoutMs),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${problemsOf(text)}`);
    return JSON.parse(text);
  };

  return {
    /** True when the server says that it can serve. */
    async isReady() {
      const answer = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2000) }).catch(() => undefined);
      return answer?.ok === true;
    },
    /** Plans and waits: Atlantis' answer. */
    plan: (body) => request('POST', '/api/plan', { body }),
    /** Starts an apply; returns the run's id at once. */
    async startApply(body) {
      const { id } = await request('POST', '/api/apply', { body, headers: { Prefer: 'respond-async' } });
      return id;
    },
    run: (id) => request('GET', `/api/runs/${id}`),
    locks: async () => (await request('GET', '/api/locks')).Locks,
    /**
     * Follows a run's log by server-sent events until the run ends.
     * @param {(line: { number: number, text: string, executionId: string | null }) => unknown} onLine
     * @returns the facts of the `end` event
     */
    async followLog(id, onLine) {
      const answer = await fetch(`${url}/api/runs/${id}/logs`, {
        headers: { 'X-Atlantis-Token': secret, Accept: 'text/event-stream' },
        signal: AbortSignal.timeout(requestTimeoutMs),
      });
      if (!answer.ok) throw new Error(`the log stream answered ${answer.status}: ${await answer.text()}`);
      for await (const { event, data } of readEvents(answer.body)) {
        if (event === 'end') return JSON.parse(data);
        await onLine(JSON.parse(data));
      }
      throw new Error('the log stream ended before the run did');
    },
  };
}

/** What went wrong, target by target when the answer is a run's result. */
function problemsOf(text) {
  try {
    const projects = JSON.parse(text).ProjectResults.filter(({ Error: error, Failure: failure }) => error || failure);
    return projects
      .map(({ ProjectName: name, Error: error, Failure: failure }) => `\n   ${name}: ${error || failure}`)
      .join('');
  } catch {
    return text.slice(0, 2000);
  }
}

/** Server-sent events of a response body; comments and fields that are not used here are skipped. */
async function* readEvents(body) {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    rest += decoder.decode(chunk, { stream: true });
    const blocks = rest.split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const field = (name) =>
        block
          .split('\n')
          .find((line) => line.startsWith(`${name}: `))
          ?.slice(name.length + 2);
      const data = field('data');
      if (data !== undefined) yield { event: field('event') ?? 'message', data };
    }
  }
}
