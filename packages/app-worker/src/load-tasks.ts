import type { AnyTaskType } from '@navette/domain';
import { builtInTasks, loadTaskModule } from '@navette/tasks';

/** Which task types a process runs. */
export interface TaskSettings {
  readonly NAVETTE_TASKS: string | undefined;
  readonly NAVETTE_HTTP_ALLOW: readonly string[] | undefined;
}

/**
 * The built-in task types, and those of the module that `NAVETTE_TASKS` names.
 * @throws InvalidCatalogueError if the module cannot be used
 */
export async function loadTasks(settings: TaskSettings): Promise<AnyTaskType[]> {
  const { NAVETTE_TASKS: path, NAVETTE_HTTP_ALLOW: httpAllow } = settings;
  const own = path === undefined ? [] : await loadTaskModule(path, process.cwd());
  return [...builtInTasks({ httpAllow }), ...own];
}
