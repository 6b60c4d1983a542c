// Root modules whose applies leave a trace each time they run, and wait for the test where it wants.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** `pass`: does not wait. `hold`: waits after the trace until `letGo`. `fail`: the same, and then fails. */
export type Tracing = 'pass' | 'hold' | 'fail';

/** HCL of one resource. A provisioner that waits gives up after a minute. */
export function tracing(traces: string, name: string, kind: Tracing): string {
  const go = join(traces, `${name}.go`);
  const wait = `i=0; while [ ! -e ${go} ] && [ $i -lt 1200 ]; do sleep 0.05; i=$((i+1)); done`;
  const trace = `echo ${name} >> ${join(traces, name)}`;
  const script = { pass: trace, hold: `${trace}; ${wait}`, fail: `${trace}; ${wait}; exit 7` }[kind];
  return `resource "terraform_data" "this" {
  input = "${name}"
  provisioner "local-exec" { command = "echo before-the-wait; ${script}; echo after-the-wait" }
}
`;
}

/** How often the resource was created. */
export async function tracesOf(traces: string, name: string): Promise<number> {
  try {
    return (await readFile(join(traces, name), 'utf8')).split('\n').length - 1;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}

/** Ends the wait of `hold` and `fail`. */
export function letGo(traces: string, name: string): Promise<void> {
  return writeFile(join(traces, `${name}.go`), '');
}
