// Bytes → bounded JSON: what is let through may be walked by recursion, stored as text and sent over the mesh.
import { AppError } from '@terramesh/contracts';

const mediaType = 'application/vnd.api+json';
const maxDepth = 32;
/** Encoded again it can be longer than it came: `1e20` becomes 21 digits. A message of the mesh holds four times this. */
const maxDocumentBytes = 256 * 1024;

/** Throws UNSUPPORTED_MEDIA_TYPE, INVALID or TOO_LARGE. Parameters of the media type are ignored. */
export function parseJsonBody(body: Buffer, contentType: string | undefined): unknown {
  const type = contentType?.split(';', 1)[0]?.trim().toLowerCase();
  if (type !== mediaType) throw new AppError('UNSUPPORTED_MEDIA_TYPE', `content-type must be ${mediaType}`);
  if (isDeeperThan(body, maxDepth)) throw invalidJson(`objects and arrays may be nested ${maxDepth} deep at most`);
  const document = parse(body);
  const encoded = JSON.stringify(document);
  if (Buffer.byteLength(encoded) > maxDocumentBytes) {
    throw new AppError('TOO_LARGE', `a document may have ${maxDocumentBytes} bytes at most`);
  }
  // Postgres stores no NUL, and no text of this API has a use for it.
  if (/(?<!\\)(?:\\\\)*\\u0000/.test(encoded)) throw invalidJson('strings may not hold the character U+0000');
  return document;
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (error) {
    throw invalidJson(error instanceof SyntaxError ? error.message : 'it is not UTF-8');
  }
}

function invalidJson(detail: string): AppError {
  return new AppError('INVALID', detail, { details: { problems: [{ title: 'JSON body is invalid', detail }] } });
}

const [quote, backslash, openBrace, openBracket, closeBrace, closeBracket] = Buffer.from('"\\{[}]');

/** Looks at the bytes: a parser may already fail on what is too deep. */
function isDeeperThan(body: Buffer, limit: number): boolean {
  let depth = 0;
  let inString = false;
  for (let index = 0; index < body.length; index += 1) {
    const byte = body[index];
    if (inString) {
      if (byte === backslash) index += 1;
      else if (byte === quote) inString = false;
    } else if (byte === quote) inString = true;
    else if (byte === openBrace || byte === openBracket) {
      depth += 1;
      if (depth > limit) return true;
    } else if (byte === closeBrace || byte === closeBracket) depth -= 1;
  }
  return false;
}
