import type { Priority } from '@navette/domain';

/** A task as the API answers it. */
export interface ApiTask {
  readonly id: string;
  readonly type: string;
  readonly state: string;
  readonly priority: Priority;
  readonly result: unknown;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly attempts: readonly {
    readonly number: number;
    readonly outcome: string;
    readonly startedAt: string;
  }[];
}

/** Talks to one API. */
export class Client {
  /** Where the API is. */
  readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  async submit(type: string, payload: unknown, options: object = {}): Promise<ApiTask> {
    const response = await this.post('/submit-task', { type, payload, ...options });
    if (response.status !== 202) throw new Error(`submission refused: ${response.status} ${await response.text()}`);
    return (await response.json()) as ApiTask;
  }

  async task(id: string): Promise<ApiTask> {
    return this.#json(`/tasks/${id}`);
  }

  /** The task once it is over, or as it is after a minute. */
  async outcome(id: string): Promise<ApiTask> {
    return this.#json(`/tasks/${id}?wait=60`);
  }

  async run(type: string, payload: unknown, options: object = {}): Promise<ApiTask> {
    const { id } = await this.submit(type, payload, options);
    return this.outcome(id);
  }

  post(path: string, body?: unknown): Promise<Response> {
    const headers = { 'content-type': 'application/json' };
    return fetch(this.url + path, { method: 'POST', headers, body: body === undefined ? null : JSON.stringify(body) });
  }

  get(path: string): Promise<Response> {
    return fetch(this.url + path);
  }

  async #json<T>(path: string): Promise<T> {
    const response = await this.get(path);
    if (response.status !== 200) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }
}
