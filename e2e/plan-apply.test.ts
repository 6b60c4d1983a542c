// What people ask of the Atlantis routes, from the request to Terraform and back: the same in one process and over NATS.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type RunResult, request, resource, running, startWorld, type World } from './src/world.js';

const unicode = 'Grüße — 世界 🌍 <a> & \u2028';
const bigLines = 50_000;
const bigLine = 'x'.repeat(200);

describe.each(['inproc', 'nats'] as const)('over %s', (mesh) => {
  let world: World;
  let folder: string;

  beforeAll(async () => {
    world = await startWorld({ mesh });
    folder = await mkdtemp(join(tmpdir(), 'terramesh-e2e-'));
  });
  afterAll(async () => {
    await world?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const results = (answer: { json<T>(): T }) => answer.json<RunResult>().ProjectResults;
  const noLockIsLeft = async () => expect((await world.http('GET', '/api/locks')).text).toBe('{"Locks":[]}\n');

  test('plan, apply and plan again answer in the shape of the seed, to the byte', async () => {
    await world.host.create('acme/infra', {
      'main.tf': `${resource(unicode)}output "greeting" {\n  value = terraform_data.a.output\n}\n`,
    });
    const body = request(['.@default'], { PR: 2 });
    const shown = unicode.replace('\u2028', '\\u2028');

    const plan = await world.plan(body);
    expect([plan.status, plan.headers.get('content-type')]).toEqual([200, 'application/json']);
    const output = results(plan)[0]?.PlanSuccess?.TerraformOutput ?? '';
    expect(output).toContain(`+ input  = "${shown}"`);
    expect(output).toMatch(
      /^Terraform used the selected providers[\s\S]*\n\nPlan: 1 to add, 0 to change, 0 to destroy\./,
    );
    const lockUrl = `http://localhost:${new URL(world.url).port}/lock?id=acme%252Finfra%252F.%252Fdefault%252F`;
    expect(plan.text).toBe(
      `{"Error":null,"Failure":"","ProjectResults":[{"Command":1,"RepoRelDir":".","Workspace":"default","Error":null,"Failure":"","PlanSuccess":{"TerraformOutput":${goJson(output)},"LockURL":"${lockUrl}","RePlanCmd":"atlantis plan -d .","ApplyCmd":"atlantis apply -d .","HasDiverged":false},"PolicyCheckSuccess":null,"ApplySuccess":"","VersionSuccess":"","ProjectName":""}],"PlansDeleted":false}\n`,
    );

    const apply = await world.apply(body);
    expect([apply.status, apply.headers.get('content-type')]).toEqual([200, 'application/json']);
    const applied = results(apply)[0]?.ApplySuccess ?? '';
    expect(applied).toContain('Apply complete! Resources: 1 added, 0 changed, 0 destroyed.');
    expect(applied).toContain(`greeting = "${shown}"`);
    expect(apply.text).toBe(
      `{"Error":null,"Failure":"","ProjectResults":[{"Command":0,"RepoRelDir":".","Workspace":"default","Error":null,"Failure":"","PlanSuccess":null,"PolicyCheckSuccess":null,"ApplySuccess":${goJson(applied)},"VersionSuccess":"","ProjectName":""}],"PlansDeleted":false}\n`,
    );

    // No backend is configured: the state of the apply was kept.
    const again = await world.plan(body);
    expect(results(again)[0]?.PlanSuccess?.TerraformOutput).toMatch(/^No changes\./);
    const nothing = await world.apply(body);
    expect([nothing.status, results(nothing)[0]?.ApplySuccess]).toEqual([200, expect.stringMatching(/^No changes\./)]);
    await noLockIsLeft();
  });

  test('one call plans good and bad targets side by side: 500 with every result, in order', async () => {
    await world.host.create('acme/mixed', {
      'good/main.tf': resource(),
      'unparsable/main.tf': 'resource "terraform_data" {\n',
      'failing/main.tf': `${resource()}output "x" {\n  value = file("nope.txt")\n}\n`,
      'a file': 'x',
      'out-link': '-> /etc',
      'in-link': '-> good',
    });
    const paths = ['good', 'unparsable', './good/', 'failing', 'missing', 'a file', '..', '/etc', 'good/../../x'];
    const answer = await world.plan(request([...paths, 'out-link', 'in-link'], { Repository: 'acme/mixed' }));
    expect(answer.status).toBe(500);
    expect(Object.keys(answer.json<object>())).toEqual(['Error', 'Failure', 'ProjectResults', 'PlansDeleted']);
    const failed = (RepoRelDir: string, error: unknown) => ({
      RepoRelDir,
      Error: error,
      Failure: '',
      PlanSuccess: null,
    });
    const planned = (RepoRelDir: string) => ({
      RepoRelDir,
      Error: null,
      Failure: '',
      PlanSuccess: { TerraformOutput: expect.stringContaining('Plan: 1 to add') },
    });
    const outside = (path: string) =>
      failed(path, `project path traversal detected: directory "${path}" is outside of the repository`);
    expect(results(answer)).toMatchObject([
      planned('good'),
      failed('unparsable', expect.stringMatching(/^terraform init failed: exit code 1\n[\s\S]*on main\.tf line 1/)),
      failed('failing', expect.stringMatching(/^terraform plan failed: exit code 1\n[\s\S]*nope\.txt/)),
      failed('missing', 'the dir "missing" does not exist'),
      failed('a file', 'the dir "a file" is not a directory'),
      outside('..'),
      outside('/etc'),
      outside('../x'),
      outside('out-link'),
      planned('in-link'),
    ]);
    await noLockIsLeft();
  });

  test('a failed apply keeps what it did, and the next plan shows the rest', async () => {
    const gate = join(folder, `${mesh}-gate`);
    await world.host.create('acme/half', {
      'half/main.tf': `${resource()}${running(`test -e ${gate}`, 'b', '  depends_on = [terraform_data.a]\n')}`,
      'well/main.tf': resource(),
      'unplannable/main.tf': 'output "x" {\n  value = file("nope.txt")\n}\n',
    });
    const body = request(['half', 'well'], { Repository: 'acme/half' });
    const first = await world.apply(body);
    expect(first.status).toBe(500);
    expect(results(first)).toMatchObject([
      {
        Command: 0,
        Error: expect.stringMatching(/^terraform apply failed: exit code 1/),
        Failure: '',
        ApplySuccess: '',
      },
      { Command: 0, Error: null, Failure: '', ApplySuccess: expect.stringContaining('Apply complete!') },
    ]);
    expect(results(first)[0]?.Error).toContain('terraform_data.a: Creation complete');

    const [half] = results(await world.plan(body));
    expect(half?.PlanSuccess?.TerraformOutput).toContain('terraform_data.b is tainted, so must be replaced');
    expect(half?.PlanSuccess?.TerraformOutput).not.toContain('terraform_data.a will be');

    await writeFile(gate, '');
    const second = await world.apply(body);
    expect([second.status, results(second)[0]?.ApplySuccess]).toEqual([
      200,
      expect.stringContaining('1 added, 0 changed, 1 destroyed'),
    ]);

    // What cannot be planned is not applied, and holds nobody up.
    const third = results(await world.apply(request(['unplannable', 'well'], { Repository: 'acme/half' })));
    expect(third).toMatchObject([
      { Command: 0, Error: expect.stringMatching(/^terraform plan failed/), ApplySuccess: '' },
      { Command: 0, Error: null, ApplySuccess: expect.stringMatching(/^No changes\./) },
    ]);
    await noLockIsLeft();
  });

  // In-process nothing is cut into messages.
  (mesh === 'nats' ? test : test.skip)('an output of 10 MB arrives whole, in the answer and in the log', async () => {
    const big = Array.from({ length: bigLines }, (_, index) => `${index} ${bigLine}`);
    await world.host.create('acme/big', {
      'main.tf': 'resource "terraform_data" "a" {\n  input = file("big.txt")\n}\n',
      'big.txt': `${big.join('\n')}\n`,
    });
    const answer = await world.plan(request(['.'], { Repository: 'acme/big' }));
    expect(answer.status).toBe(200);
    const output = results(answer)[0]?.PlanSuccess?.TerraformOutput ?? '';
    expect(output.length).toBeGreaterThan(10_000_000);
    const lines = (text: string) => text.split('\n').flatMap((line) => line.match(/^ +(\d+ x{200})$/)?.[1] ?? []);
    expect(lines(output)).toEqual(big);
    const log = await world.http('GET', `${answer.headers.get('location')}/logs`);
    expect(lines(log.text)).toEqual(big);
  });

  test('projects by name are applied group by group, and not past a failed dependency', async () => {
    const order = join(folder, `${mesh}-order`);
    const step = (name: string, end = 'true') =>
      running(`echo ${name}+ >> ${order}; sleep 0.2; echo ${name}- >> ${order}; ${end}`);
    const project = (name: string, group: number, dependsOn: string[] = []) =>
      `- {name: ${name}, dir: ${name}, execution_order_group: ${group}, depends_on: [${dependsOn.join(', ')}]}\n`;
    await world.host.create('acme/shop', {
      'atlantis.yaml': `version: 3\nprojects:\n${project('app', 2, ['db'])}${project('db', 1, ['net'])}${project('net', 1)}${project('base', 0)}${project('flaky', 0)}${project('behind', 1, ['flaky'])}${project('last', 2, ['behind'])}`,
      'app/main.tf': step('app'),
      'db/main.tf': step('db'),
      'net/main.tf': step('net'),
      'base/main.tf': step('base'),
      'flaky/main.tf': step('flaky', 'false'),
      'behind/main.tf': step('behind'),
      'last/main.tf': step('last'),
    });
    const body = { Repository: 'acme/shop', Ref: 'main', Type: 'Github' };
    const good = await world.apply({ ...body, Projects: ['app', 'db', 'net', 'base', 'app'] });
    expect(good.status).toBe(200);
    expect(results(good).map((result) => [result.ProjectName, result.RepoRelDir])).toEqual([
      ['base', 'base'],
      ['db', 'db'],
      ['net', 'net'],
      ['app', 'app'],
    ]);
    const steps = ['base+', 'base-', 'net+', 'net-', 'db+', 'db-', 'app+', 'app-'];
    expect((await readFile(order, 'utf8')).trim().split('\n')).toEqual(steps);

    await rm(order);
    const bad = await world.apply({ ...body, Projects: ['last', 'behind', 'flaky'] });
    expect(bad.status).toBe(500);
    const failure = (of: string) => `Can't apply your project unless you apply its dependencies: [${of}]`;
    expect(results(bad)).toMatchObject([
      { ProjectName: 'flaky', Error: expect.stringContaining('terraform apply failed'), Failure: '' },
      { ProjectName: 'behind', Error: null, Failure: failure('flaky'), ApplySuccess: '' },
      { ProjectName: 'last', Error: null, Failure: failure('behind'), ApplySuccess: '' },
    ]);
    expect(await readFile(order, 'utf8')).toBe('flaky+\nflaky-\n');
    const byName = await world.plan({ ...body, Projects: ['base'] });
    expect(byName.text).toContain('"RePlanCmd":"atlantis plan -p base"');
    await noLockIsLeft();
  });

  test('workspaces have states of their own', async () => {
    await world.host.create('acme/spaces', {
      'main.tf': 'resource "terraform_data" "a" {\n  input = terraform.workspace\n}\n',
    });
    const body = (...paths: string[]) => request(paths, { Repository: 'acme/spaces' });
    const applied = await world.apply({ ...body(), Paths: [{ Workspace: 'prod' }] });
    expect([applied.status, results(applied)[0]]).toMatchObject([200, { RepoRelDir: '.', Workspace: 'prod' }]);
    const outputs = results(await world.plan(body('.@prod', '.@stage', '.'))).map((result) => [
      result.Workspace,
      /No changes|input += "\w+"/.exec(result.PlanSuccess?.TerraformOutput ?? '')?.[0],
    ]);
    expect(outputs).toEqual([
      ['prod', 'No changes'],
      ['stage', 'input  = "stage"'],
      ['default', 'input  = "default"'],
    ]);
  });
});

/** As Go's encoder writes it. */
function goJson(text: string): string {
  return JSON.stringify(text).replace(/[<>&\u2028]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
