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
