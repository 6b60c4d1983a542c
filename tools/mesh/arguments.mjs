// What `npm run start:mesh -- …` understands.
import { parseArgs } from 'node:util';

export const serviceNames = ['projects', 'locks', 'runs', 'drift', 'gateway'];
const maxReplicas = 20;

const usage = `npm run start:mesh -- [--replicas runs=2,gateway=1]
  Starts every service as a process of its own. How many of each: one, unless --replicas says more.`;

/** @returns {Record<string, number>} how many of each service; throws an Error that is fit to be shown. */
export function replicasOf(args) {
  const { values } = parseArgs({ args, options: { replicas: { type: 'string', multiple: true, default: [] } } });
  const replicas = Object.fromEntries(serviceNames.map((name) => [name, 1]));
  for (const pair of values.replicas.flatMap((text) => text.split(','))) {
    const [name, text, ...rest] = pair.split('=');
    const count = Number(text);
    const isValid = serviceNames.includes(name) && rest.length === 0 && Number.isInteger(count);
    if (!isValid || count < 1 || count > maxReplicas)
      throw new Error(`--replicas ${pair} is not understood.\n${usage}`);
    replicas[name] = count;
  }
  return replicas;
}
