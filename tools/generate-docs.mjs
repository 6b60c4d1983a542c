// Writes docs/configuration.md and .env.example from the settings that the services declare.
// With --check: changes nothing, and fails when they are not what would be written.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { built } from './built.mjs';
import { prepare, root } from './prepare.mjs';

async function documents() {
  const { describeSettings, envExample, processSettings, settingsMarkdown } = await built('packages/service');
  const { services, standaloneSettings } = await built('apps/standalone');
  const sections = [
    { title: 'gateway', text: 'HTTP: what people and scripts talk to.' },
    { title: 'projects', text: 'Who may do what, and which repositories may be used.' },
    { title: 'locks', text: 'Who holds what.' },
    { title: 'runs', text: 'The queue, checkouts and Terraform.' },
    {
      title: 'drift',
      text: 'Looks for drift, tells of it and puts it right. It does nothing until drift detection is on.',
    },
  ].map((section) => ({ ...section, settings: services.find(({ name }) => name === section.title).settings }));
  sections.push(
    {
      title: 'Every process of the mesh',
      text: 'Beside the settings of its service. Standalone takes the log settings, `TERRAMESH_STOP_TIMEOUT` and `TERRAMESH_METRICS` from here.',
      settings: processSettings,
    },
    {
      title: 'Standalone',
      text: 'All services in one process: all of the above, and these, which standalone treats in its own way.',
      settings: standaloneSettings,
    },
  );
  const markdown = [
    '<!-- Written by tools/generate-docs.mjs from the settings that the services declare. -->',
    '# Configuration',
    '',
    'A setting comes from the environment, or from the file that `TERRAMESH_CONFIG` names (YAML or JSON, flat, keys as below), or is its default; the environment wins. A setting that Atlantis has too is also read from its `ATLANTIS_…` name. A secret may also lie in a file that `<NAME>_FILE` names. A bad value stops the start, and all problems are listed at once.',
    ...sections.flatMap(({ title, text, settings }) => [
      '',
      `## ${title}`,
      '',
      text,
      '',
      settingsMarkdown(describeSettings(settings)).trimEnd(),
    ]),
    '',
  ].join('\n');
  const everything = describeSettings(...sections.map(({ settings }) => settings));
  const header = '# Every setting with its default. Written by tools/generate-docs.mjs; see docs/configuration.md.\n\n';
  return { 'docs/configuration.md': markdown, '.env.example': header + envExample(everything) };
}

await prepare({ quiet: true });
for (const [file, content] of Object.entries(await documents())) {
  const path = join(root, file);
  if (existsSync(path) && readFileSync(path, 'utf8') === content) continue;
  if (process.argv.includes('--check')) {
    console.error(`${file} is out of date: node tools/generate-docs.mjs`);
    process.exitCode = 1;
  } else {
    writeFileSync(path, content);
    console.log(`${file} written`);
  }
}
