/** `{ canUpdate: true }` → `{ 'can-update': true }`. */
export function kebabKeys(members: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).map(([name, value]) => [kebab(name), value]));
}

export function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
