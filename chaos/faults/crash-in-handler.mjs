import { apart } from './fault.mjs';

/** A handler that takes its worker with it, once. @type {import('./fault.mjs').Fault} */
export const crashInHandler = {
  name: 'a handler that kills its worker',
  setUps: apart,
  effect: 'attempts lost',
  run: async (installation, chance) => {
    const payload = { attempts: 1, how: chance.pick(['exit', 'SIGKILL']) };
    const task = await installation.load.submit(
      { type: 'chaos.crash', payload, priority: 'critical' },
      `crash-${Date.now()}`,
    );
    const isStarted = async () => (await installation.get(`/tasks/${task}`)).attempt > 0;
    await installation.until('the handler is entered', isStarted);
    return { backAt: Date.now(), tasks: [task] };
  },
  effectOf: ({ tasks }, audit) => audit.countAttemptsOf(tasks, 'lost'),
};
