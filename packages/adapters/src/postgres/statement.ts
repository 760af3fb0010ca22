/**
 * SQL for `column = value`, where the value is one of another relation: a row is found by it in the column's index.
 * A plain equality of columns could be merged too, and for that PostgreSQL considers to read a whole index in its order.
 * That looks cheapest while a table is small, and a plan that was made then stays while the table grows.
 */
export const foundBy = (column: string, value: string): string => `${column} = any(array[${value}])`;

/** A statement that each connection prepares once, under its name. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/** Names a statement for one schema; in the text `$schema` stands for it. PostgreSQL's own views show the name, too. */
export function statement(schema: string, name: string, text: string): Statement {
  const full = `${schema}.${name}`;
  return { name: full, text: `-- ${full}\n${text.trim().replaceAll('$schema', schema)}` };
}
