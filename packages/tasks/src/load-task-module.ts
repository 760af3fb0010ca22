import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type AnyTaskType, createCatalogue, InvalidCatalogueError, messageOf } from '@navette/domain';

/**
 * Loads a module whose default export is an array of task types, as `NAVETTE_TASKS` names one.
 *
 * @param path of a `.js` or `.mjs` file
 * @param cwd what a relative path is relative to
 * @throws InvalidCatalogueError, naming the file, if it is not there, does not load, or exports something else.
 */
export async function loadTaskModule(path: string, cwd: string): Promise<readonly AnyTaskType[]> {
  const file = resolve(cwd, path);
  const refuse = (detail: string, cause?: unknown): never => {
    throw new InvalidCatalogueError(`task module ${file}: ${detail}`, { cause });
  };
  // Asked first, because a failed import does not tell whether this file is missing or one that it imports.
  const found = await stat(file).catch((error: unknown) => refuse('cannot be found', error));
  if (!found.isFile()) refuse('is not a file');
  const module = await importFile(file).catch((error: unknown) => refuse(`does not load: ${described(error)}`, error));
  if (!('default' in module)) refuse('has no default export; it must be an array of task types');
  const types = module.default;
  if (!Array.isArray(types)) return refuse('its default export is not an array of task types');
  try {
    return createCatalogue(types).types;
  } catch (error) {
    return refuse(messageOf(error), error);
  }
}

async function importFile(file: string): Promise<Record<string, unknown>> {
  return import(/* @vite-ignore */ pathToFileURL(file).href);
}

/** A SyntaxError says where it is, perhaps in another file, in the first line of its stack only. */
function described(error: unknown): string {
  if (!(error instanceof Error)) return messageOf(error);
  const place = error instanceof SyntaxError ? /^file:\S+:\d+$/m.exec(error.stack ?? '')?.[0] : undefined;
  return `${error.name}: ${error.message}${place ? ` (${place})` : ''}`;
}
