const withinMs = 240_000;

/** A task that kills its worker at every attempt: it must come to an end. @type {import('./fault.mjs').Fault} */
export const poisonTask = {
  name: 'a task that kills every worker',
  setUps: ['store', 'redis', 'embedded'],
  effect: 'failed with worker_lost',
  background: true,
  run: async (installation) => {
    const retry = { maxAttempts: installation.quick ? 1 : 3 };
    const body = { type: 'chaos.crash', payload: { attempts: 50, how: 'SIGKILL' }, retry, priority: 'critical' };
    const task = await installation.load.submit(body, `poison-${Date.now()}`);
    const isOver = async () => (await installation.get(`/tasks/${task}`)).finishedAt !== null;
    await installation.until('it is given up', isOver, withinMs);
    return { backAt: Date.now(), tasks: [task] };
  },
  effectOf: ({ tasks }, audit) => tasks.filter((id) => audit.task(id)?.error_code === 'worker_lost').length,
};
