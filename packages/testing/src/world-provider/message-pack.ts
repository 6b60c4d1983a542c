// MessagePack, as Terraform writes values in it (docs/plugin-protocol/object-wire-format.md of Terraform): any extension is
// a value that is not known yet. See https://github.com/msgpack/msgpack/blob/master/spec.md.

/** A value that will be known after the apply. */
export const unknown = Symbol('unknown');

export type Value = null | boolean | number | string | typeof unknown | Value[] | { [key: string]: Value };

/** Of the types that a `world_file` has: null, unknown, text, and an object of these. */
export function encodeValue(value: Value): Buffer {
  if (value === null) return Buffer.of(0xc0);
  if (value === unknown) return Buffer.of(0xd4, 0, 0);
  if (typeof value === 'string') {
    const text = Buffer.from(value);
    const header = Buffer.alloc(5, 0xdb);
    header.writeUInt32BE(text.length, 1);
    return Buffer.concat([header, text]);
  }
  if (typeof value !== 'object' || Array.isArray(value)) throw new Error('a value of this type is not expected');
  const header = Buffer.alloc(5, 0xdf);
  header.writeUInt32BE(Object.keys(value).length, 1);
  return Buffer.concat([
    header,
    ...Object.entries(value).flatMap(([key, one]) => [encodeValue(key), encodeValue(one)]),
  ]);
}

export function decodeValue(bytes: Buffer): Value {
  return new Reader(bytes).read();
}

class Reader {
  private at = 0;

  constructor(private readonly bytes: Buffer) {}

  read(): Value {
    const byte = this.number(1);
    if (byte < 0x80) return byte;
    if (byte < 0x90) return this.object(byte - 0x80);
    if (byte < 0xa0) return this.list(byte - 0x90);
    if (byte < 0xc0) return this.text(byte - 0xa0);
    if (byte >= 0xe0) return byte - 0x100;
    return this.byCode(byte);
  }

  private byCode(code: number): Value {
    // The three sizes of a length: 1, 2 and 4 bytes.
    const sized = (first: number) => this.number(2 ** (code - first));
    if (code === 0xc0) return null;
    if (code === 0xc2 || code === 0xc3) return code === 0xc3;
    if (code >= 0xc4 && code <= 0xc6) return this.text(sized(0xc4));
    if (code >= 0xc7 && code <= 0xc9) return this.extension(sized(0xc7));
    if (code === 0xca) return this.take(4).readFloatBE();
    if (code === 0xcb) return this.take(8).readDoubleBE();
    if (code >= 0xcc && code <= 0xce) return sized(0xcc);
    if (code === 0xcf) return Number(this.take(8).readBigUInt64BE());
    if (code >= 0xd0 && code <= 0xd2) {
      const size = 2 ** (code - 0xd0);
      return this.take(size).readIntBE(0, size);
    }
    if (code === 0xd3) return Number(this.take(8).readBigInt64BE());
    if (code >= 0xd4 && code <= 0xd8) return this.extension(2 ** (code - 0xd4));
    if (code >= 0xd9 && code <= 0xdb) return this.text(sized(0xd9));
    if (code === 0xdc || code === 0xdd) return this.list(this.number(2 ** (code - 0xdb)));
    if (code === 0xde || code === 0xdf) return this.object(this.number(2 ** (code - 0xdd)));
    throw new Error(`byte ${code} is not MessagePack`);
  }

  private list(length: number): Value[] {
    return Array.from({ length }, () => this.read());
  }

  private object(length: number): Value {
    return Object.fromEntries(Array.from({ length }, () => [String(this.read()), this.read()]));
  }

  private text(length: number): string {
    return this.take(length).toString('utf8');
  }

  private extension(length: number): typeof unknown {
    this.take(1 + length);
    return unknown;
  }

  private number(size: number): number {
    return this.take(size).readUIntBE(0, size);
  }

  private take(length: number): Buffer {
    const end = this.at + length;
    if (end > this.bytes.length) throw new Error('a MessagePack value ends too early');
    const taken = this.bytes.subarray(this.at, end);
    this.at = end;
    return taken;
  }
}
