import { InvalidQueryError } from '@navette/domain';

/** What a page is of; a cursor of one kind is not taken for another. */
type CursorKind = 'tasks' | 'log' | 'queued' | 'changes' | 'operations';

/** Writes where a page ended as an opaque text. */
export function writeCursor(kind: CursorKind, place: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify([kind, ...place])).toString('base64url');
}

/**
 * Reads it back.
 * @param isPlace tells whether its parts are what {@link writeCursor} was given for that kind
 * @throws InvalidQueryError if it is not one that it wrote
 */
export function readCursor<Place extends readonly unknown[]>(
  kind: CursorKind,
  cursor: string,
  isPlace: (parts: readonly unknown[]) => parts is Place,
): Place {
  const [writtenFor, ...place] = parse(cursor);
  if (writtenFor !== kind || !isPlace(place)) throw new InvalidQueryError('cursor', 'is not one that this store made');
  return place;
}

function parse(cursor: string): unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
