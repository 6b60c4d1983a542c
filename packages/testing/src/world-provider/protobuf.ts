// As much of the protocol buffers encoding as the plugin protocol needs here: numbers, texts, bytes, messages within
// messages. See https://protobuf.dev/programming-guides/encoding.

/** A message: field number to what the field holds; undefined and empty ones are left out, as proto3 does. */
export type Fields = Readonly<Record<number, FieldValue | readonly FieldValue[] | undefined>>;
type FieldValue = string | number | boolean | Buffer;

export function encodeMessage(fields: Fields): Buffer {
  const parts: Buffer[] = [];
  for (const [number, values] of Object.entries(fields)) {
    for (const value of [values ?? []].flat() as FieldValue[]) {
      const key = Number(number) * 8;
      if (typeof value === 'string' || Buffer.isBuffer(value)) {
        const bytes = Buffer.from(value);
        parts.push(varint(key + 2), varint(bytes.length), bytes);
      } else parts.push(varint(key), varint(Number(value)));
    }
  }
  return Buffer.concat(parts);
}

/** The last of each field that holds bytes (texts and messages are bytes too); an absent one is empty. */
export function decodeMessage(message: Buffer): (number: number) => Buffer {
  const fields = new Map<number, Buffer>();
  const cursor = { at: 0 };
  while (cursor.at < message.length) {
    const key = readVarint(message, cursor);
    const kind = key % 8;
    if (kind === 0) readVarint(message, cursor);
    else if (kind === 1) cursor.at += 8;
    else if (kind === 5) cursor.at += 4;
    else if (kind === 2) {
      const end = readVarint(message, cursor) + cursor.at;
      fields.set(Math.floor(key / 8), message.subarray(cursor.at, end));
      cursor.at = end;
    } else throw new Error(`a field of wire type ${kind} is not expected`);
  }
  return (number) => fields.get(number) ?? Buffer.alloc(0);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let left = value;
  for (; left >= 0x80; left = Math.floor(left / 0x80)) bytes.push((left % 0x80) + 0x80);
  return Buffer.from([...bytes, left]);
}

function readVarint(message: Buffer, cursor: { at: number }): number {
  let value = 0;
  for (let factor = 1; ; factor *= 0x80) {
    const byte = message.readUInt8(cursor.at++);
    value += (byte % 0x80) * factor;
    if (byte < 0x80) return value;
  }
}
