/** What a person needs first: where it is, where its data is, and a command that works as pasted. */
export function greeting(facts: {
  readonly url: string;
  /** Where else the API listens. */
  readonly more?: readonly string[];
  readonly dataDir: string;
  /** Undefined: the embedded Postgres. */
  readonly databaseUrl: string | undefined;
  /** The file of the generated secret; undefined when the person chose one. */
  readonly secretFile: string | undefined;
  /** Of the first administrator, when this start made it. */
  readonly firstToken?: string | undefined;
}): string {
  const secret = facts.secretFile === undefined ? '$TERRAMESH_API_SECRET' : `$(cat '${facts.secretFile}')`;
  const data =
    facts.databaseUrl === undefined ? `${facts.dataDir} (Postgres too)` : `${facts.dataDir} and DATABASE_URL`;
  return [
    '',
    `  terramesh is up: ${[facts.url, ...(facts.more ?? [])].join(' ')}`,
    `  data:            ${data}`,
    '  try:',
    `    curl ${facts.url}/api/locks`,
    `    curl -H "X-Atlantis-Token: ${secret}" ${facts.url}/api/runs`,
    ...firstSteps(facts.firstToken),
    '',
    '',
  ].join('\n');
}

function firstSteps(firstToken: string | undefined): string[] {
  if (firstToken === undefined) return [];
  return [
    '  the token of the first administrator, shown only now (npm run admin-token makes another):',
    `    ${firstToken}`,
  ];
}
