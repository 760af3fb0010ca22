import { type Caller, type CallOptions, jsonBody } from './caller.ts';
import type { Operation, OperationPreview, OperationRequest } from './contract-ahead.ts';
import { pause } from './deadline.ts';
import { filterJson } from './search-query.ts';

/** Makes the calls about mass actions. */
export function createOperationCalls({ api, call }: Caller) {
  const get = (id: string, options?: CallOptions): Promise<Operation> =>
    call(options, (init) => api.GET('/operations/{id}', { params: { path: { id } }, ...init }));

  return {
    /** What an operation would do: how many tasks, and some of them. It does nothing. */
    dryRun: async (request: OperationRequest, options?: CallOptions): Promise<OperationPreview> => {
      const body = jsonBody({ ...request, filter: filterJson(request.filter), dryRun: true });
      return (await call(options, (init) => api.POST('/operations', { ...body, ...init }))) as OperationPreview;
    },
    /** Starts an operation. After a lost answer it is not repeated: that could start a second one. */
    start: async (request: OperationRequest, options?: CallOptions): Promise<Operation> => {
      const plan = { ...options, repeatable: 'if-refused' as const };
      const body = jsonBody({ ...request, filter: filterJson(request.filter) });
      return (await call(plan, (init) => api.POST('/operations', { ...body, ...init }))) as Operation;
    },
    /** An operation as it is now. */
    get,
    /** Looks at an operation again and again until it is over. `everyMs`: default 500. */
    follow: async function* (
      id: string,
      { everyMs = 500, signal }: CallOptions & { readonly everyMs?: number } = {},
    ): AsyncGenerator<Operation, void, undefined> {
      for (;;) {
        const operation = await get(id, { signal });
        yield operation;
        if (operation.state !== 'running') return;
        await pause(everyMs, signal);
      }
    },
    /** Stops an operation; what it has done stays done. */
    stop: (id: string, options?: CallOptions): Promise<Operation> =>
      call(options, (init) => api.POST('/operations/{id}/stop', { params: { path: { id } }, ...init })),
  };
}
