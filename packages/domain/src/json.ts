/** A JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** The deepest nesting of arrays and objects that is stored. */
export const maxJsonDepth = 64;

/** Why a value cannot be stored, and where: `pointer` is a JSON Pointer below the value (`''` is the value itself). */
export interface JsonProblem {
  readonly detail: string;
  readonly pointer: string;
  /** Writing the value as JSON would mend this (a Date, an absent field); the store itself takes plain JSON only. */
  readonly mendable?: true;
}

function textProblem(text: string): string | undefined {
  if (text.includes('\u0000')) return 'contains the character U+0000, which cannot be stored';
  if (!isWellFormed(text)) return 'contains a lone surrogate, which cannot be stored';
  return undefined;
}

/**
 * Finds the first thing in a value that the store would refuse or alter: U+0000, lone surrogates, numbers that are not
 * finite, nesting deeper than {@link maxJsonDepth}, and values that JSON does not have. A cyclic value is found as too
 * deep. What is found nothing of costs no memory: every payload and every result is looked at.
 */
export function findJsonProblem(value: unknown): JsonProblem | undefined {
  return problemIn(value, 0);
}

function problemIn(value: unknown, depth: number): JsonProblem | undefined {
  switch (typeof value) {
    case 'boolean':
      return undefined;
    case 'string': {
      const detail = textProblem(value);
      return detail === undefined ? undefined : { detail, pointer: '' };
    }
    case 'number':
      return Number.isFinite(value) ? undefined : { detail: 'is a number out of range', pointer: '' };
    case 'object':
      return value === null ? undefined : problemInside(value, depth);
    default:
      return { detail: `is not JSON (${typeof value})`, pointer: '', mendable: true };
  }
}

function problemInside(value: object, depth: number): JsonProblem | undefined {
  if (depth === maxJsonDepth) return { detail: `is nested deeper than ${maxJsonDepth} levels`, pointer: '' };
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      const problem = problemIn(value[i], depth + 1);
      if (problem) return below(String(i), problem);
    }
    return undefined;
  }
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    const name = prototype.constructor?.name ?? 'an object';
    return { detail: `is not plain JSON (${name})`, pointer: '', mendable: true };
  }
  for (const key of Object.keys(value)) {
    const detail = textProblem(key);
    if (detail) return { detail: `has a key that ${detail}`, pointer: '' };
    const problem = problemIn((value as Record<string, unknown>)[key], depth + 1);
    if (problem) return below(key, problem);
  }
  return undefined;
}

function below(key: string, problem: JsonProblem): JsonProblem {
  return { ...problem, pointer: `/${escapePointer(key)}${problem.pointer}` };
}

/** Escapes one reference token of a JSON Pointer (RFC 6901). */
export function escapePointer(token: string): string {
  return token.replaceAll('~', '~0').replaceAll('/', '~1');
}

/**
 * Turns what a handler gave (result, progress) into storable JSON: `undefined` is `null`, and `toJSON`, class instances
 * and absent fields mean what they mean to `JSON.stringify`. NaN and Infinity are refused, not turned into null.
 *
 * @returns the value, or why it cannot be stored.
 */
export function toStorableJson(value: unknown): { value: Json } | { problem: JsonProblem } {
  if (value === undefined) return { value: null };
  try {
    const problem = findJsonProblem(value);
    if (!problem) return { value: value as Json };
    if (!problem.mendable) return { problem };
    const written = JSON.parse(JSON.stringify(value, refuseNonFinite) ?? 'null') as Json;
    const left = findJsonProblem(written);
    return left ? { problem: left } : { value: written };
  } catch (error) {
    return { problem: { detail: `cannot be written as JSON: ${messageOf(error)}`, pointer: '' } };
  }
}

function refuseNonFinite(_key: string, value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new RangeError('a number is out of range');
  return value;
}

/** The message of anything thrown. */
export function messageOf(error: unknown): string {
  try {
    return String(error instanceof Error ? error.message : error);
  } catch {
    return 'something that cannot be printed';
  }
}

/** The longest error text, log line or progress that is stored, in UTF-16 units. */
export const maxTextLength = 8_192;

/** Cleans a text for the store: U+0000 and lone surrogates become U+FFFD, the length is cut to `limit`. */
export function cleanText(text: string, limit: number = maxTextLength): string {
  const cut = text.length > limit ? `${text.slice(0, limit - 1)}…` : text;
  return replaceIllFormed(cut.replaceAll('\u0000', '\uFFFD'));
}

/**
 * JSON with sorted keys and no spaces: equal for values that are equal as JSON, whatever order their keys came in.
 * The value must have passed {@link findJsonProblem}.
 */
export function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value as { readonly [key: string]: Json }).sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, child]) => `${JSON.stringify(key)}:${canonicalJson(child)}`).join(',')}}`;
  }
  return JSON.stringify(value);
}

const loneSurrogates = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;

function isWellFormed(text: string): boolean {
  // ES2024's String.prototype.isWellFormed, present since Node 20 but not in the ES2023 library.
  return (text as unknown as { isWellFormed(): boolean }).isWellFormed();
}

function replaceIllFormed(text: string): string {
  return isWellFormed(text) ? text : text.replace(loneSurrogates, '\uFFFD');
}
