// What a tree of processes holds in memory: PSS counts shared pages once.
import { readdirSync, readFileSync } from 'node:fs';

/** MB of `pid` and all its descendants; undefined where /proc does not tell. */
export function treeMegabytes(pid) {
  const pids = descendants(pid);
  const kilobytes = pids.map(pssKilobytes);
  return kilobytes.includes(undefined) ? undefined : kilobytes.reduce((sum, one) => sum + one, 0) / 1024;
}

function descendants(pid) {
  const parents = new Map();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const parent = parentOf(name);
    if (parent !== undefined) parents.set(Number(name), parent);
  }
  const found = [pid];
  for (const one of found) for (const [child, parent] of parents) if (parent === one) found.push(child);
  return found;
}

function parentOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined; // It ended meanwhile.
  }
}

function pssKilobytes(pid) {
  try {
    return Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]);
  } catch {
    return undefined;
  }
}
