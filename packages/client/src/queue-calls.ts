import type { Caller, CallOptions } from './caller.ts';
import type { Queue, TaskType } from './contract.ts';

/** Makes the calls about task types and queues. */
export function createQueueCalls({ api, call }: Caller) {
  return {
    /** The task types that the server knows. */
    taskTypes: async (options?: CallOptions): Promise<TaskType[]> =>
      (await call(options, (init) => api.GET('/task-types', init))).items,
    /** The queues, by name. */
    queues: async (options?: CallOptions): Promise<Queue[]> =>
      (await call(options, (init) => api.GET('/queues', init))).items,
    /** Starts nothing new from a queue; what runs goes on. */
    pause: (name: string, options?: CallOptions): Promise<{ name: string; paused: boolean }> =>
      call(options, (init) => api.POST('/queues/{name}/pause', { params: { path: { name } }, ...init })),
    /** Lets a queue go on. */
    resume: (name: string, options?: CallOptions): Promise<{ name: string; paused: boolean }> =>
      call(options, (init) => api.POST('/queues/{name}/resume', { params: { path: { name } }, ...init })),
  };
}
