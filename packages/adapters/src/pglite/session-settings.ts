/** The settings (`search_path`, `enable_seqscan` …) that a virtual client asked for when it connected. */
export interface SessionSettings {
  /** Equal for equal settings. */
  readonly key: string;
  readonly values: ReadonlyMap<string, string>;
}

/** The settings of a client that asked for none. */
export const noSettings: SessionSettings = { key: '', values: new Map() };

// Start-up parameters that are no settings, or that the embedded database fixes.
const NOT_SETTINGS = new Set(['user', 'database', 'replication', 'options', 'client_encoding']);

/**
 * Reads the settings from the parameters of a StartupMessage: those in `options` (`-c name=value`, `--name=value`), and
 * parameters that are settings themselves (`application_name`).
 */
export function readStartupSettings(parameters: ReadonlyMap<string, string>): SessionSettings {
  const values = new Map<string, string>();
  for (const [name, value] of parameters) if (!NOT_SETTINGS.has(name)) values.set(name.toLowerCase(), value);
  const options = (parameters.get('options') ?? '').match(/(?:\\.|\S)+/gs) ?? [];
  const words = options.map((word) => word.replace(/\\(.)/gs, '$1'));
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    const assignment = word === '-c' ? (words[++index] ?? '') : word.replace(/^(?:-c|--)/, '');
    const equals = assignment.indexOf('=');
    if (equals > 0)
      values.set(assignment.slice(0, equals).replaceAll('-', '_').toLowerCase(), assignment.slice(equals + 1));
  }
  const sorted = [...values].sort(([left], [right]) => (left < right ? -1 : 1));
  return { key: sorted.length === 0 ? '' : JSON.stringify(sorted), values: new Map(sorted) };
}

/** Writes settings the way `pg` passes them to a server: the `options` of a client's configuration. */
export function startupOptions(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value.replace(/[\\\s]/g, '\\$&')}`)
    .join(' ');
}

/**
 * The statement that turns the settings of one client into those of another.
 *
 * @param from what the session has; `undefined` when a client has changed it in a way that is not known
 */
export function switchStatement(from: SessionSettings | undefined, to: SessionSettings): string {
  const changes = new Map<string, string | undefined>();
  for (const name of from?.values.keys() ?? []) if (!to.values.has(name)) changes.set(name, undefined);
  for (const [name, value] of to.values) if (from?.values.get(name) !== value) changes.set(name, value);
  // set_config reads lists such as search_path as written, and a null resets the setting to its default.
  const calls = [...changes].map(
    ([name, value]) => `set_config(${literal(name)}, ${value === undefined ? 'null' : literal(value)}, false)`,
  );
  const set = calls.length === 0 ? '' : `select ${calls.join(', ')}`;
  return from === undefined ? `reset all; ${set}` : set;
}

function literal(text: string): string {
  const escaped = text.replaceAll("'", "''").replaceAll('\\', '\\\\');
  return ` E'${escaped}'`;
}
