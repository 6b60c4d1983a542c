/** What stands on the standard output, outside of the log. */
export function printFirstToken(token: string): void {
  process.stdout.write(
    [
      '',
      '  terramesh made its first administrator, the user "admin". This token is shown only now:',
      `    ${token}`,
      '  A lost one is replaced by npm run admin-token, or by node dist/admin-token.js in the projects container.',
      '',
      '',
    ].join('\n'),
  );
}
