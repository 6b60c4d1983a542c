// `npm run demo`: the product at work, from a fresh clone, in one command. Exits 0 only when every step did what it says.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from './demo/client.mjs';
import { createRepository } from './demo/repository.mjs';
import { bold, dim, duration, fact, green, heading, red, say } from './demo/screen.mjs';
import { startServer } from './demo/server.mjs';
import { applyAll, changeAndPlan, planAll, watchLock } from './demo/steps.mjs';
import { prepare } from './prepare.mjs';
import { stopWithNpm } from './stop-with-npm.mjs';

const timings = [];
let current = 'Start';

async function step(title, work) {
  current = title;
  heading(timings.length + 1, title);
  const startedAt = performance.now();
  const result = await work();
  const ms = performance.now() - startedAt;
  timings.push({ title, ms });
  say(dim(`   ${duration(ms)}`));
  return result;
}

async function demo(folder, onServer) {
  say(bold('terramesh: Terraform for teams, behind the Atlantis API'));
  await step('Install what is missing, build what changed', async () => {
    await prepare();
    fact('nothing more to do');
  });

  const repository = await step('Make a repository with root modules that depend on each other', async () => {
    const made = await createRepository(folder);
    fact(`${made.name}: network ← database ← app, ordered by its atlantis.yaml`);
    return made;
  });

  const client = await step('Start terramesh: every service in one process, with a Postgres of its own', async () => {
    const server = await startServer(folder, repository.baseUrl);
    onServer(server);
    const { isReady } = createClient(server.url, '');
    await server.ready(isReady);
    fact(`serves at ${server.url}, data in a folder of its own`);
    return createClient(server.url, server.secret());
  });

  const story = { client, repository };
  await step('Plan everything: POST /api/plan', () => planAll(story));
  await step('Apply everything, and watch: POST /api/apply, GET /api/runs/…/logs', () => applyAll(story));
  await step('Change the code, plan again: only what changed shows', () => changeAndPlan(story));
  await step('See who holds what: GET /api/locks', () => watchLock(story));
}

function summary(totalMs) {
  say();
  say(`${green('✓')} ${bold(`All of it worked, in ${duration(totalMs)}.`)}`);
  for (const { title, ms } of timings) say(`   ${duration(ms).padStart(7)}  ${dim(title)}`);
  say();
  say("   Start it for yourself: TERRAMESH_REPO_ALLOWLIST='github.com/your-company/*' npm start");
}

async function main() {
  const startedAt = performance.now();
  const folder = await mkdtemp(join(tmpdir(), 'terramesh-demo-'));
  let server;
  let cleaning;
  const cleanUp = () => {
    cleaning ??= (async () => {
      await server?.stop();
      await rm(folder, { recursive: true, force: true });
    })();
    return cleaning;
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.once(signal, () => cleanUp().finally(() => process.exit(130)));
  }
  try {
    await demo(folder, (started) => {
      server = started;
    });
    await cleanUp();
    summary(performance.now() - startedAt);
  } catch (error) {
    if (cleaning !== undefined) return cleaning;
    say(`\n${red('✗')} ${bold(current)}: ${error.message}`);
    if (server !== undefined) say(`\nThe end of the server's log:\n${server.logTail(40)}`);
    process.exitCode = 1;
    await cleanUp();
  }
}

stopWithNpm();
await main();
