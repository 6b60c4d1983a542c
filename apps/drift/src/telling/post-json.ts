// One POST to an address that somebody gave us: checked, bounded in time and size, never redirected.
import { lookup as lookUp } from 'node:dns';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { isAppError } from '@terramesh/contracts';
import { type AddressRule, checkWebhookUrl, isAllowedAddress, refusedAddressText } from './webhook-address.js';

export interface PostRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly rule: AddressRule;
  readonly timeoutMs: number;
}

export type PostResult =
  | { readonly outcome: 'delivered'; readonly httpStatus: number }
  | {
      /** `refused`: trying again changes nothing. */
      readonly outcome: 'failed' | 'refused';
      readonly httpStatus: number | null;
      readonly problem: string;
      readonly retryAfterMs: number | null;
    };

class AddressRefused extends Error {}

const maxAnswerBytes = 4_096;
const maxProblemLength = 300;

/** Never rejects. */
export async function postJson(post: PostRequest): Promise<PostResult> {
  try {
    const answer = await send(post, checkWebhookUrl(post.url, post.rule));
    const httpStatus = answer.statusCode ?? 0;
    if (httpStatus >= 200 && httpStatus < 300) {
      answer.destroy();
      return { outcome: 'delivered', httpStatus };
    }
    const isRedirect = httpStatus >= 300 && httpStatus < 400;
    const text = isRedirect ? 'redirects are not followed' : await startOf(answer);
    answer.destroy();
    const problem = `answered ${httpStatus}${text === '' ? '' : `: ${text}`}`.slice(0, maxProblemLength);
    return { outcome: 'failed', httpStatus, problem, retryAfterMs: retryAfter(answer) };
  } catch (error) {
    const isRefused = error instanceof AddressRefused || isAppError(error);
    return {
      outcome: isRefused ? 'refused' : 'failed',
      httpStatus: null,
      problem: reasonOf(error, post),
      retryAfterMs: null,
    };
  }
}

/** Resolves to the head of the answer. One deadline for all of it, the answer's body included. */
function send({ headers, body, rule, timeoutMs }: PostRequest, url: URL): Promise<IncomingMessage> {
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const outgoing = request(
      url,
      {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'user-agent': 'terramesh', ...headers },
        // A kept connection would have been checked for another message.
        agent: false,
        lookup: checkedLookup(rule),
        signal: AbortSignal.timeout(timeoutMs),
      },
      resolve,
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** Connects to addresses that were checked, and to no other that the name may have a moment later. */
function checkedLookup(rule: AddressRule): LookupFunction {
  return (hostname, options, done) => {
    lookUp(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) {
        done(error, []);
        return;
      }
      const refused = addresses.find(({ address }) => !isAllowedAddress(address, rule));
      const [first] = addresses;
      if (refused !== undefined) done(new AddressRefused(refusedAddressText(refused.address)), []);
      else if (options.all || first === undefined) done(null, addresses);
      else done(null, first.address, first.family);
    });
  };
}

/** The first line of text of an answer's body. */
async function startOf(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of answer) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= maxAnswerBytes) break;
    }
  } catch {
    // What came until then has to do.
  }
  const text = Buffer.concat(chunks).subarray(0, maxAnswerBytes).toString('utf8');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it removes
  return text.replace(/[\x00-\x1f\x7f\s]+/g, ' ').trim();
}

function retryAfter(answer: IncomingMessage): number | null {
  const seconds = Number(answer.headers['retry-after']);
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : null;
}

/** Without the url: its path may be a secret. */
function reasonOf(error: unknown, { timeoutMs }: PostRequest): string {
  if (typeof error !== 'object' || error === null || !('message' in error)) return 'the request failed';
  if ('name' in error && (error.name === 'AbortError' || error.name === 'TimeoutError')) {
    return `no answer within ${timeoutMs / 1000} s`;
  }
  const reasons = 'errors' in error && Array.isArray(error.errors) ? error.errors : [error];
  return reasons
    .map((reason) => String(reason.message))
    .join('; ')
    .slice(0, maxProblemLength);
}
