import { InvalidQueryError } from '@navette/domain';

/** What a page is of; a cursor of one kind is not taken for another. */
type CursorKind = 'tasks' | 'log' | 'queued' | 'changes' | 'operations';

/** Writes where a page ended as an opaque text. */
export function writeCursor<Place extends readonly (string | number)[]>(kind: CursorKind, place: Place): string {
  return Buffer.from(JSON.stringify([kind, ...place])).toString('base64url');
}

/**
 * Reads it back; `shape` is an example of the place.
 * @throws InvalidQueryError if {@link writeCursor} did not write it for that kind.
 */
export function readCursor<Place extends readonly (string | number)[]>(
  kind: CursorKind,
  cursor: string,
  shape: Place,
): Place {
  const [writtenFor, ...place] = parse(cursor);
  const fits = place.length === shape.length && shape.every((part, i) => typeof part === typeof place[i]);
  if (writtenFor !== kind || !fits) throw new InvalidQueryError('cursor', 'is not one that this store made');
  return place as unknown as Place;
}

function parse(cursor: string): unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
