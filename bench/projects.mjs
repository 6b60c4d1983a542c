// Pages of a list over ten thousand projects, through the gateway.
import { quantile } from './statistics.mjs';

const organization = 'bench';
const projectCount = 10_000;
const inFlight = 16;
const readsPerKind = 200;
const mediaType = 'application/vnd.api+json';

const kinds = {
  'first page': '',
  'a page in the middle': `page[number]=${projectCount / 40}`,
  'q=': 'q=project+77',
  'filter[permissions][update]': 'filter[permissions][update]=true&page[number]=3',
  'filter[names]': 'filter[names]=Project+7777',
};

/** One row for each kind of page: `[figure, measured, to reach]`. */
export async function measureProjectPages({ url, token }) {
  const ask = async (method, path, body) => {
    const response = await fetch(`${url}/api/v2${path}`, {
      method,
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': mediaType },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text.slice(0, 500)}`);
    return JSON.parse(text);
  };
  const create = (path, type, attributes) => ask('POST', path, { data: { type, attributes } });
  await create('/organizations', 'organizations', { name: organization, email: 'bench@example.com' });

  const path = `/organizations/${organization}/projects`;
  const names = Array.from({ length: projectCount }, (_, index) => `Project ${index}`);
  const work = async () => {
    for (let name = names.pop(); name !== undefined; name = names.pop()) await create(path, 'projects', { name });
  };
  await Promise.all(Array.from({ length: inFlight }, work));

  const rows = [];
  for (const [kind, query] of Object.entries(kinds)) {
    const times = [];
    for (let read = 0; read < readsPerKind; read += 1) {
      const startedAt = performance.now();
      const { meta } = await ask('GET', `${path}?${query}`);
      times.push(performance.now() - startedAt);
      const { total } = meta['status-counts'];
      if (total !== projectCount + 1) throw new Error(`${total} projects are listed`);
    }
    const [p50, p99] = [0.5, 0.99].map((share) => quantile(times, share).toFixed(0));
    rows.push([`of ${projectCount} projects, ${kind}, p50 and p99`, `${p50} ms and ${p99} ms`, 'p99 < 50 ms']);
  }
  return rows;
}
