// The provider `world` in Terraform's plugin protocol 6: the numbers are the field numbers of the messages that Terraform
// publishes in docs/plugin-protocol/tfplugin6.8.proto (HashiCorp, MPL-2.0), of which it needs a few.
import { decodeValue, encodeValue, type Value } from './message-pack.js';
import type { Method } from './plugin-server.js';
import { decodeMessage, encodeMessage, type Fields } from './protobuf.js';
import {
  planWorldFile,
  readWorldFile,
  removeWorldFile,
  type WorldFile,
  worldFileAttributes,
  writeWorldFile,
} from './world-file.js';

/** By path. What is missing here is answered as not implemented, which Terraform takes for what it may do without. */
export const providerMethods: ReadonlyMap<string, Method> = new Map(
  Object.entries({
    GetProviderSchema: async () =>
      encodeMessage({ 1: schema({}), 2: mapEntry('world_file', schema(worldFileAttributes)) }),
    ValidateProviderConfig: async () => Buffer.alloc(0),
    ConfigureProvider: async () => Buffer.alloc(0),
    ValidateResourceConfig: async () => Buffer.alloc(0),
    UpgradeResourceState: async (request: Buffer) => {
      const state: unknown = JSON.parse(decodeMessage(decodeMessage(request)(3))(1).toString());
      return encodeMessage({ 1: dynamic(state as Value) });
    },
    ReadResource: (request: Buffer) =>
      tried(2, async () => {
        const known = file(decodeMessage(request)(2));
        return { 1: dynamic(known === null ? null : await readWorldFile(known)) };
      }),
    PlanResourceChange: (request: Buffer) =>
      tried(4, async () => {
        const field = decodeMessage(request);
        const proposed = file(field(3));
        if (proposed === null) return { 1: dynamic(null) };
        const { planned, replaces } = planWorldFile(file(field(2)), proposed);
        return { 1: dynamic(planned), 2: replaces ? [attributePath('path')] : [] };
      }),
    ApplyResourceChange: (request: Buffer) =>
      tried(3, async () => {
        const field = decodeMessage(request);
        const [prior, planned] = [file(field(2)), file(field(3))];
        if (planned !== null) return { 1: dynamic(await writeWorldFile(planned)) };
        if (prior !== null) await removeWorldFile(prior);
        return { 1: dynamic(null) };
      }),
    ImportResourceState: (request: Buffer) =>
      tried(2, async () => {
        const path = decodeMessage(request)(2).toString();
        const state = dynamic({ path, content: null, secret: null, sha256: null });
        return { 1: encodeMessage({ 1: 'world_file', 2: state }) };
      }),
    StopProvider: async () => Buffer.alloc(0),
  } satisfies Record<string, Method>).map(([name, method]): [string, Method] => [
    `/tfplugin6.Provider/${name}`,
    method,
  ]),
);

/** An error becomes a diagnostic, in the field that this response has for it. */
async function tried(diagnostics: number, work: () => Promise<Fields>): Promise<Buffer> {
  try {
    return encodeMessage(await work());
  } catch (error) {
    const summary = error instanceof Error ? error.message : String(error);
    return encodeMessage({ [diagnostics]: encodeMessage({ 1: 1, 2: summary }) });
  }
}

type Flags = Readonly<Partial<Record<'required' | 'optional' | 'computed' | 'sensitive', boolean>>>;

function schema(attributes: Readonly<Record<string, Flags>>): Buffer {
  const described = Object.entries(attributes).map(([name, flags]) =>
    encodeMessage({
      1: name,
      2: '"string"',
      4: flags.required,
      5: flags.optional,
      6: flags.computed,
      7: flags.sensitive,
    }),
  );
  return encodeMessage({ 2: encodeMessage({ 2: described }) });
}

function mapEntry(key: string, value: Buffer): Buffer {
  return encodeMessage({ 1: key, 2: value });
}

function attributePath(name: string): Buffer {
  return encodeMessage({ 1: encodeMessage({ 1: name }) });
}

function dynamic(value: Value | WorldFile): Buffer {
  return encodeMessage({ 1: encodeValue(value as Value) });
}

/** Terraform sends null for what is not there; it writes MessagePack. */
function file(dynamicValue: Buffer): WorldFile | null {
  const packed = decodeMessage(dynamicValue)(1);
  return packed.length === 0 ? null : (decodeValue(packed) as WorldFile | null);
}
