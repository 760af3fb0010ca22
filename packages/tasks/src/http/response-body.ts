import type { Readable } from 'node:stream';
import { TextDecoder } from 'node:util';
import { cleanText, findJsonProblem, type Json } from '@navette/domain';

/** The first bytes of a body, and whether there were more. */
export interface CappedBody {
  readonly bytes: Buffer;
  readonly truncated: boolean;
}

/** Reads at most `limit` bytes; what is beyond is never read, the connection is closed instead. */
export async function readCapped(body: Readable, limit: number): Promise<CappedBody> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > limit) break;
  }
  return { bytes: Buffer.concat(chunks).subarray(0, limit), truncated: size > limit };
}

/**
 * What a body says: the value if it is JSON that can be stored, else its text; `null` if it is empty.
 */
export function bodyValue(body: CappedBody, contentType: string | undefined): Json {
  if (body.bytes.length === 0) return null;
  const { mediaType, charset } = parseContentType(contentType);
  const text = decode(body, charset);
  const value = !body.truncated && /[/+]json$/.test(mediaType) ? parseJson(text) : undefined;
  return value !== undefined && findJsonProblem(value) === undefined ? value : storable(text);
}

/** The text of a body; what cannot be stored of it is replaced. */
export function bodyText(body: CappedBody, contentType: string | undefined): string {
  return storable(decode(body, parseContentType(contentType).charset));
}

function storable(text: string): string {
  return cleanText(text, Number.POSITIVE_INFINITY);
}

function decode({ bytes, truncated }: CappedBody, charset: string): string {
  // As a stream, a decoder keeps back the start of a character that was cut off.
  return decoderFor(charset).decode(bytes, { stream: truncated });
}

function decoderFor(charset: string): TextDecoder {
  try {
    return new TextDecoder(charset);
  } catch {
    return new TextDecoder();
  }
}

function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

function parseContentType(contentType = ''): { mediaType: string; charset: string } {
  const [mediaType = '', ...parameters] = contentType.toLowerCase().split(';');
  const charset = parameters.map((parameter) => /^\s*charset="?([^"\s]+)"?\s*$/.exec(parameter)?.[1]).find(Boolean);
  return { mediaType: mediaType.trim(), charset: charset ?? 'utf-8' };
}
