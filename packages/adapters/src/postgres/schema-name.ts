/** The schema that Navette's tables are in, unless another is named. */
export const defaultSchema = 'navette';

// Plain enough to stand in SQL unquoted, and short enough to begin the name of a prepared statement (63 characters).
const pattern = /^[a-z_][a-z0-9_]{0,39}$/;

/** @throws RangeError unless the name is 1–40 lower-case letters, digits and `_`, not beginning with a digit. */
export function checkSchemaName(schema: string): string {
  if (!pattern.test(schema)) throw new RangeError(`not a usable schema name: ${JSON.stringify(schema)}`);
  return schema;
}
