// The demo, step by step. Every step checks what it claims.
import { writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { cyan, dim, fact, paintPlan, show } from './screen.mjs';

const repositoryHost = 'Github';
const targets = ['network', 'database', 'app'];

function check(condition, problem) {
  if (!condition) throw new Error(problem);
}

const planned = (result, name) => result.ProjectResults.find((project) => project.ProjectName === name);
const planText = (result, name) => planned(result, name)?.PlanSuccess?.TerraformOutput ?? '';
const summaryOf = (text) => text.split('\n').find((line) => /^(Plan:|No changes|Changes to Outputs)/.test(line)) ?? '';
const request = (repository, projects) => ({
  Repository: repository.name,
  Ref: 'main',
  Type: repositoryHost,
  Projects: projects,
});

function checkPlan(result) {
  check(result.Error === null && result.Failure === '', `the plan failed: ${result.Error ?? result.Failure}`);
  for (const name of targets) {
    check(planText(result, name) !== '', `${name} was not planned: ${JSON.stringify(planned(result, name))}`);
  }
}

/** Plans all three and shows what Terraform would do. */
export async function planAll({ client, repository }) {
  const result = await client.plan(request(repository, targets));
  checkPlan(result);
  for (const name of targets) {
    const summary = summaryOf(planText(result, name));
    check(/^Plan: [1-9]/.test(summary), `${name} has nothing to add: ${summary}`);
    fact(`${name.padEnd(8)} ${summary}`);
  }
  show('');
  for (const line of paintPlan(planText(result, 'database').trim())) show(line);
}

/** Applies all three and follows the log while it happens. */
export async function applyAll({ client, repository }) {
  const id = await client.startApply(request(repository, targets));
  fact(`accepted as ${id}; its log, as it is written:`);
  let lines = 0;
  const nameOf = targetNames(client, id);
  const end = await client.followLog(id, async ({ text, executionId }) => {
    lines += 1;
    if (!/Creation complete|Apply complete/.test(text)) return;
    show(`${cyan((await nameOf(executionId)).padEnd(8))} ${dim(text.replace(/ \[id=.*/, ''))}`);
  });
  check(end.outcome === 'success', `the run ended as ${end.outcome}`);
  const { executions } = await client.run(id);
  const states = executions.map(({ target, state }) => `${target.name} ${state}`);
  check(
    executions.length === targets.length && executions.every(({ state }) => state === 'applied'),
    states.join(', '),
  );
  const order = executions.toSorted((a, b) => Date.parse(a.finishedAt) - Date.parse(b.finishedAt));
  const names = order.map(({ target }) => target.name);
  check(names.join() === targets.join(), `applied in the wrong order: ${names.join(', ')}`);
  fact(`applied in the order of their groups: ${names.join(' → ')}`);
  fact(`${lines} log lines, followed by server-sent events`);
}

/** Execution id → name of its target; asks for the run when it meets one that it does not know. */
function targetNames(client, runId) {
  const names = new Map();
  return async (executionId) => {
    if (!names.has(executionId)) {
      const { executions } = await client.run(runId);
      for (const { id, target } of executions) names.set(id, target.name);
    }
    return names.get(executionId) ?? '';
  };
}

/** Changes the repository and plans again. */
export async function changeAndPlan({ client, repository }) {
  fact(`committed: ${await repository.change()}`);
  const result = await client.plan(request(repository, targets));
  checkPlan(result);
  for (const name of ['network', 'database']) {
    const summary = summaryOf(planText(result, name));
    check(summary.startsWith('No changes'), `${name} should have no changes: ${summary}`);
    fact(`${name.padEnd(8)} No changes.`);
  }
  const summary = summaryOf(planText(result, 'app'));
  check(/^Plan: 1 to add, 1 to change, 0 to destroy/.test(summary), `app: ${summary}`);
  fact(`${'app'.padEnd(8)} ${summary}`);
  show('');
  for (const line of paintPlan(planText(result, 'app').trim())) show(line);
}

/** Looks at a lock while a run holds it: an apply that waits for a file, which is made once the lock was seen. */
export async function watchLock({ client, repository }) {
  const id = await client.startApply(request(repository, ['slow']));
  let isWaiting = false;
  const ended = client.followLog(id, ({ text }) => {
    if (text.includes('waiting for the gate')) isWaiting = true;
  });
  try {
    const endedEarly = ended.then((end) => Promise.reject(new Error(`the run ended too early: ${end.outcome}`)));
    await Promise.race([endedEarly, until(() => isWaiting, 'the apply did not begin')]);
    const locks = await client.locks();
    check(locks.length === 1 && locks[0].ProjectName === 'slow', `the lock is not listed: ${JSON.stringify(locks)}`);
    const [{ Name: name, Time: since }] = locks;
    fact('an apply is in the middle of its work; GET /api/locks says:');
    show(`${cyan(name)}  held since ${since}`);
  } finally {
    await writeFile(repository.gate, '');
  }
  const end = await ended;
  check(end.outcome === 'success', `the run ended as ${end.outcome}`);
  const left = await client.locks();
  check(left.length === 0, `locks were left behind: ${JSON.stringify(left)}`);
  fact('let go on, it finished, and its lock was released');
}

async function until(condition, problem) {
  for (const giveUpAt = Date.now() + 30_000; Date.now() < giveUpAt; await delay(20)) {
    if (await condition()) return;
  }
  throw new Error(problem);
}
