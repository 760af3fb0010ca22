import 'reflect-metadata';
import { createContainer, runService, tokens } from '@navette/adapters/container';
import type { AnyTaskType } from '@navette/domain';
import { builtInTasks, loadTaskModule } from '@navette/tasks';
import { apiVariables, readApiSettings } from './config.ts';
import { serveApi } from './serve.ts';

/** The handlers of these types are never loaded here. */
async function loadTasks(path: string | undefined): Promise<AnyTaskType[]> {
  return [...builtInTasks(), ...(path === undefined ? [] : await loadTaskModule(path, process.cwd()))];
}

await runService({
  name: 'navette-api',
  summary: 'Takes in tasks over HTTP and answers what became of them.',
  manifest: new URL('../package.json', import.meta.url),
  variables: apiVariables,
  readSettings: readApiSettings,
  start: async (context) => {
    const container = await createContainer({ ...context, tasks: await loadTasks(context.settings.NAVETTE_TASKS) });
    container.resolve(tokens.ready).catch(context.fail);
    await serveApi({
      ...context,
      navette: container.resolve(tokens.navette),
      store: container.resolve(tokens.store),
      broker: container.resolve(tokens.broker),
      metrics: container.resolve(tokens.metrics),
      rawQueues: container.resolve(tokens.rawQueues),
    });
  },
});
