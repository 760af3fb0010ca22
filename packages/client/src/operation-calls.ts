import { type Caller, type CallOptions, jsonBody } from './caller.ts';
import type { ListOptions, Operation, OperationPreview, OperationRequest, Page } from './contract.ts';
import { pause } from './deadline.ts';
import { createIdempotencyKey } from './idempotency-key.ts';
import { filterJson } from './search-query.ts';

/** Makes the calls about mass actions. */
export function createOperationCalls({ api, call }: Caller) {
  const get = (id: string, options?: CallOptions): Promise<Operation> =>
    call(options, (init) => api.GET('/operations/{id}', { params: { path: { id } }, ...init }));

  /** Asks for an operation, or for what it would do. */
  const ask = ({ idempotencyKey, filter, ...request }: OperationRequest, dryRun: boolean, options?: CallOptions) => {
    const headers = dryRun ? {} : { 'Idempotency-Key': idempotencyKey ?? createIdempotencyKey() };
    const body = jsonBody({ ...request, filter: filterJson(filter), ...(dryRun && { dryRun }) });
    return call(options, (init) => api.POST('/operations', { ...body, headers, ...init }));
  };

  return {
    /** What an operation would do: how many tasks, and some of them. It does nothing. */
    dryRun: async (request: OperationRequest, options?: CallOptions): Promise<OperationPreview> =>
      (await ask(request, true, options)) as OperationPreview,
    /**
     * Starts an operation. It carries an idempotency key, made here unless the request has one: however often it is
     * sent, there is one operation.
     */
    start: async (request: OperationRequest, options?: CallOptions): Promise<Operation> =>
      (await ask(request, false, options)) as Operation,
    /** An operation as it is now. */
    get,
    /** One page of operations, newest first. */
    list: (query: Pick<ListOptions, 'limit' | 'cursor'> = {}, options?: CallOptions): Promise<Page<Operation>> =>
      call(options, (init) => api.GET('/operations', { params: { query }, ...init })),
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
