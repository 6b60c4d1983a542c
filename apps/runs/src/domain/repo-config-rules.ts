// The rules of atlantis.yaml that span projects (Atlantis: raw/repo_cfg.go, valid/repo_cfg.go).
import type { ConfiguredProject } from './repo-config-project.js';

export interface RuleBreach {
  readonly project: ConfiguredProject;
  readonly message: string;
}

export function findRuleBreaches(projects: readonly ConfiguredProject[]): RuleBreach[] {
  const byName = new Map(projects.filter(({ name }) => name !== '').map((project) => [project.name, project]));
  const dependencies = [...unknownDependencies(projects, byName)];
  return [
    ...repeatedNames(projects),
    ...unnamedTwins(projects),
    // A graph with loose ends is reported as such first.
    ...(dependencies.length > 0 ? dependencies : cycles(projects, byName)),
  ];
}

function* repeatedNames(projects: readonly ConfiguredProject[]): Iterable<RuleBreach> {
  const seen = new Set<string>();
  for (const project of projects) {
    if (seen.has(project.name)) {
      yield {
        project,
        message: `found two or more projects with name "${project.name}"; project names must be unique`,
      };
    }
    if (project.name !== '') seen.add(project.name);
  }
}

function* unnamedTwins(projects: readonly ConfiguredProject[]): Iterable<RuleBreach> {
  const firstByPlace = new Map<string, ConfiguredProject>();
  for (const project of projects) {
    const place = JSON.stringify([project.directory, project.terraformWorkspace]);
    const first = firstByPlace.get(place);
    if (first === undefined) firstByPlace.set(place, project);
    else if (first.name === '' || project.name === '') {
      yield {
        project,
        message: `there are two or more projects with dir: "${project.directory}" workspace: "${project.terraformWorkspace}" that are not all named; they must have a 'name' key`,
      };
    }
  }
}

type ProjectsByName = ReadonlyMap<string, ConfiguredProject>;

function* unknownDependencies(projects: readonly ConfiguredProject[], byName: ProjectsByName): Iterable<RuleBreach> {
  for (const project of projects) {
    for (const dependency of project.dependsOn.filter((name) => !byName.has(name))) {
      yield { project, message: `depends_on names "${dependency}", which is not a project of this file` };
    }
  }
}

/** The first cycle, at the project that closes it. Iterative: a chain may be as long as the file allows. */
function cycles(projects: readonly ConfiguredProject[], byName: ProjectsByName): RuleBreach[] {
  const done = new Set<ConfiguredProject>();
  for (const start of projects) {
    const path: { project: ConfiguredProject; next: number }[] = done.has(start) ? [] : [{ project: start, next: 0 }];
    for (let step = path.at(-1); step !== undefined; step = path.at(-1)) {
      const name = step.project.dependsOn[step.next++];
      if (name === undefined) {
        done.add(step.project);
        path.pop();
        continue;
      }
      const dependency = byName.get(name);
      if (dependency === undefined || done.has(dependency)) continue;
      const from = path.findIndex(({ project }) => project === dependency);
      if (from !== -1)
        return [
          { project: step.project, message: circleMessage([...path.slice(from).map((at) => at.project), dependency]) },
        ];
      path.push({ project: dependency, next: 0 });
    }
  }
  return [];
}

function circleMessage(circle: readonly ConfiguredProject[]): string {
  return `depends_on goes in a circle: ${circle.map(({ name }) => name).join(' → ')}`;
}
