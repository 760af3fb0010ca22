import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { StartupError } from './startup-error.ts';

/** One environment variable: how it is read, and what people are told of it. */
export interface Variable<T = unknown> {
  readonly schema: z.ZodType<T, string | undefined>;
  readonly meaning: string;
  /** What holds where it is not set, as the variable would say it. */
  readonly default?: string | undefined;
  /** May also be read from the file that `<NAME>_FILE` names, and is never repeated in a message. */
  readonly secret?: boolean | undefined;
}

/** Variables by name. */
export type Variables = Readonly<Record<string, Variable>>;

/** What the variables say, by name. */
export type Settings<V extends Variables> = { readonly [K in keyof V]: z.output<V[K]['schema']> };

/** A condition over several variables; answers with the problem, if there is one. */
export type Rule<V extends Variables> = (settings: Settings<V>) => string | undefined;

/**
 * Reads the variables from the environment. An empty one counts as unset.
 * @throws StartupError with one line per problem, secrets left out.
 */
export function readSettings<V extends Variables>(
  environment: Readonly<Record<string, string | undefined>>,
  variables: V,
  rules: readonly Rule<V>[] = [],
): Settings<V> {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, variable] of Object.entries(variables)) {
    try {
      const parsed = variable.schema.safeParse(rawValue(environment, name, variable));
      if (parsed.success) values[name] = parsed.data;
      else problems.push(...parsed.error.issues.map((issue) => `${name} ${issue.message}`));
    } catch (error) {
      if (!(error instanceof StartupError)) throw error;
      problems.push(...error.problems);
    }
  }
  const settings = values as Settings<V>;
  if (problems.length === 0) problems.push(...rules.map((rule) => rule(settings)).filter((text) => text !== undefined));
  if (problems.length > 0) throw new StartupError(problems);
  return settings;
}

function rawValue(
  environment: Readonly<Record<string, string | undefined>>,
  name: string,
  { secret }: Variable,
): string | undefined {
  const value = environment[name] || undefined;
  const file = (secret && environment[`${name}_FILE`]) || undefined;
  if (file === undefined) return value;
  if (value !== undefined) throw new StartupError([`${name} and ${name}_FILE are both set: one of them is enough`]);
  try {
    return readFileSync(file, 'utf8').trim() || undefined;
  } catch (error) {
    throw new StartupError([`${name}_FILE cannot be read: ${(error as Error).message}`], { cause: error });
  }
}

/** The variables as a table for people, one line each. */
export function describeVariables(variables: Variables): string {
  const entries = Object.entries(variables);
  const width = Math.max(...entries.map(([name]) => name.length));
  return entries
    .map(([name, { meaning, default: value, secret }]) => {
      const notes = [
        value === undefined ? [] : `default ${value}`,
        secret ? `or from the file ${name}_FILE` : [],
      ].flat();
      return `  ${name.padEnd(width)}  ${meaning}${notes.length > 0 ? ` (${notes.join('; ')})` : ''}`;
    })
    .join('\n');
}
