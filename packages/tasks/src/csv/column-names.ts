import { cleanText } from '@navette/domain';

const maxNameLength = 200;

/** Names for columns, each different: an empty one is named by its position, a repeated one is numbered. */
export function columnNames(header: readonly string[]): string[] {
  const wanted = header.map((cell, index) => cleanText(cell.trim(), maxNameLength) || `column_${index + 1}`);
  // A number must not lead to a name that the header itself gives to another column.
  const taken = new Set<string>(wanted);
  const given = new Set<string>();
  return wanted.map((name) => {
    let unique = name;
    for (let n = 2; given.has(unique) || (n > 2 && taken.has(unique)); n++) unique = `${name}_${n}`;
    given.add(unique);
    return unique;
  });
}
