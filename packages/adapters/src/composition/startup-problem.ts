import { StartupError } from './startup-error.ts';

/** Where to look for what waiting cannot mend, by the code of an error: Navette's own, or PostgreSQL's SQLSTATE. */
const places: Readonly<Record<string, string>> = {
  invalid_catalogue: 'task types',
  schema_newer: 'DATABASE_URL',
  data_folder_locked: 'NAVETTE_DATA_DIR',
  data_folder_newer: 'NAVETTE_DATA_DIR',
  data_folder_older: 'NAVETTE_DATA_DIR',
  // Rejected credentials, and no such database.
  '28000': 'DATABASE_URL',
  '28P01': 'DATABASE_URL',
  '3D000': 'DATABASE_URL',
  // The role may not make or read the tables.
  '42501': 'DATABASE_URL',
};

/** The error as one that ends the start, if waiting cannot mend it; looks through the causes. */
export function startupErrorOf(error: unknown): StartupError | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof StartupError) return cause;
    const place = placeOf(cause);
    if (place) return new StartupError([`${place}: ${cause.message}`], { cause: error });
  }
  return undefined;
}

function placeOf({ code, message }: Error & { readonly code?: unknown }): string | undefined {
  // What `pg` says where the server wants a password and there is none has no code.
  if (message.startsWith('SASL')) return 'DATABASE_URL';
  return typeof code === 'string' && Object.hasOwn(places, code) ? places[code] : undefined;
}
