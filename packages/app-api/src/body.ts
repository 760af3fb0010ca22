import { InvalidRequestError, maxJsonDepth } from '@navette/domain';
import { HttpError } from './problems.ts';

/**
 * Reads a JSON body of at most `maxBytes`.
 *
 * @param mediaTypes what the call takes, for people
 * @throws HttpError `unsupported_media_type`, `payload_too_large` or `invalid_json`
 * @throws InvalidRequestError for JSON nested too deep
 */
export async function readJson(request: Request, maxBytes: number, mediaTypes = 'application/json'): Promise<unknown> {
  const contentType = request.headers.get('content-type');
  if (contentType !== 'application/json' && !jsonType.test(contentType ?? '')) {
    throw new HttpError('unsupported_media_type', `send ${mediaTypes} in UTF-8, and say so as Content-Type`);
  }
  refuseCompressed(request);
  return parseJson(await readBytes(request, maxBytes), 'body');
}

/**
 * Parses JSON in UTF-8. @param what it is, for people
 * @throws HttpError `invalid_json`
 * @throws InvalidRequestError for JSON nested too deep
 */
export function parseJson(bytes: Uint8Array, what: 'body' | 'line'): unknown {
  const text = decode(bytes, what);
  if (isDeeperThan(text, maxJsonDepth)) {
    throw new InvalidRequestError([{ pointer: '#', detail: `is nested deeper than ${maxJsonDepth} levels` }]);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new HttpError('invalid_json', `the ${what} is not JSON: ${(error as Error).message}`);
  }
}

const jsonType = /^application\/(?:[\w.-]+\+)?json *(?:; *charset *= *"?utf-8"? *)?$/i;

/** @throws HttpError `unsupported_media_type` if a body is not sent as it is */
export function refuseCompressed({ headers }: Request): void {
  const coding = headers.get('content-encoding');
  if (coding === null || coding.toLowerCase() === 'identity') return;
  const detail = `send the body as it is: the Content-Encoding ${JSON.stringify(coding)} is not understood`;
  throw new HttpError('unsupported_media_type', detail, { 'Accept-Encoding': 'identity' });
}

/**
 * Hono's `bodyLimit` is not used: it asks for the stream of every body, which costs the server's direct way of reading
 * one whose length is known.
 */
async function readBytes(request: Request, maxBytes: number): Promise<Uint8Array> {
  const tooLarge = () => new HttpError('payload_too_large', `the body is larger than ${maxBytes} bytes`);
  const declared = request.headers.get('content-length');
  if (declared !== null && Number(declared) > maxBytes) throw tooLarge();
  try {
    // The HTTP parser holds the sender to the length it declared.
    const bytes = declared === null ? await readStream(request, maxBytes) : new Uint8Array(await request.arrayBuffer());
    if (bytes.byteLength <= maxBytes) return bytes;
  } catch (error) {
    throw new HttpError('invalid_json', `the body could not be read to its end: ${(error as Error).message}`);
  }
  throw tooLarge();
}

/** Reads to the end, or to the first chunk beyond the limit. */
async function readStream(request: Request, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    chunks.push(chunk);
    size += chunk.byteLength;
    if (size > maxBytes) break;
  }
  return Buffer.concat(chunks);
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function decode(bytes: Uint8Array, what: string): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new HttpError('invalid_json', `the ${what} is not UTF-8`);
  }
}

const quote = 0x22;
const backslash = 0x5c;

/** Whether arrays and objects are nested deeper than that in a JSON text; found in one pass, before it is parsed. */
function isDeeperThan(text: string, limit: number): boolean {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (inString) {
      if (unit === backslash) i++;
      else if (unit === quote) inString = false;
    } else if (unit === quote) inString = true;
    // `[` and `{`, `]` and `}` differ in one bit.
    else if ((unit | 0x20) === 0x7b) {
      if (++depth > limit) return true;
    } else if ((unit | 0x20) === 0x7d) depth--;
  }
  return false;
}
