// Every route that Fastify knows, to tell "no such path" from "not with this method".

export interface RegisteredRoute {
  readonly method: string;
  /** `/api/runs/:id` */
  readonly path: string;
}

export class RouteRegistry {
  private readonly entries: { route: RegisteredRoute; pattern: RegExp }[] = [];

  add(method: string | string[], path: string): void {
    for (const one of [method].flat()) this.entries.push({ route: { method: one, path }, pattern: patternOf(path) });
  }

  all(): RegisteredRoute[] {
    return this.entries.map(({ route }) => route);
  }

  /** The methods that this path answers to, sorted; empty for an unknown path. */
  methodsOf(path: string): string[] {
    const fitting = this.entries.filter(({ pattern }) => pattern.test(path));
    return [...new Set(fitting.map(({ route }) => route.method))].sort();
  }
}

function patternOf(path: string): RegExp {
  const segments = path
    .split('/')
    .map((segment) => (segment.startsWith(':') ? '[^/]+' : segment.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')));
  return new RegExp(`^${segments.join('/')}$`);
}
