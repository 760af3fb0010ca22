/**
 * Calls of the HTTP contract that the OpenAPI document does not hold yet, written by hand in the shape of generated
 * ones. When the document has them, they go from here.
 */
import type { Problem, TaskFilter, TaskItem } from './contract.ts';

/** What a mass action does, and to which tasks. */
export interface OperationRequest {
  readonly action: 'cancel' | 'retry';
  readonly filter: TaskFilter;
  /** The pace, tasks per second. */
  readonly perSecond?: number;
}

/** What a mass action would do. */
export interface OperationPreview {
  /** How many tasks the filter finds now. */
  readonly count: number;
  /** Some of them. */
  readonly sample: TaskItem[];
}

/** A mass action. It survives a restart of the server. */
export interface Operation {
  readonly id: string;
  readonly action: 'cancel' | 'retry';
  readonly state: 'running' | 'completed' | 'stopped' | 'failed';
  readonly total: number;
  readonly done: number;
  readonly failed: number;
}

interface NoParameters {
  query?: never;
  header?: never;
  path?: never;
  cookie?: never;
}

interface ById extends Omit<NoParameters, 'path'> {
  path: { id: string };
}

type Answers<Data, Media extends string = 'application/json', Status extends number = 200> = {
  [status in Status]: { headers: Record<string, unknown>; content: { [media in Media]: Data } };
} & { 400: { headers: Record<string, unknown>; content: { 'application/problem+json': Problem } } };

/** Those calls. */
export interface PathsAhead {
  '/operations': {
    parameters: NoParameters;
    post: {
      parameters: NoParameters;
      requestBody: { content: { 'application/json': OperationRequest & { dryRun?: boolean } } };
      responses: Answers<Operation | OperationPreview, 'application/json', 200 | 202>;
    };
  };
  '/operations/{id}': {
    parameters: NoParameters;
    get: { parameters: ById; responses: Answers<Operation> };
  };
  '/operations/{id}/stop': {
    parameters: NoParameters;
    post: { parameters: ById; responses: Answers<Operation> };
  };
}
