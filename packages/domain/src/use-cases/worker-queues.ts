import { InvalidRequestError, type Problem } from '../errors.ts';
import { isInteger } from '../integer.ts';
import type { Catalogue } from '../task-type.ts';

/** Concurrency by queue; `*` stands for every queue of the catalogue not named. */
export type WorkerQueues = Readonly<Record<string, number>>;

type Queues = Pick<Catalogue, 'queues'>;

/** The highest concurrency of a queue: more attempts at a time than one process will ever have. */
export const maxConcurrency = 99_999;

/** The named queues that no task type is on: nothing would ever be consumed from them. */
export function unknownQueues(queues: WorkerQueues, catalogue: Queues): string[] {
  const known = catalogue.queues();
  return Object.keys(queues).filter((queue) => queue !== '*' && !known.includes(queue));
}

/** @throws InvalidRequestError for queues that no task type is on, and concurrency that is none */
export function checkQueues(queues: WorkerQueues, catalogue: Queues): void {
  const detail = `is the queue of no task type; known: ${catalogue.queues().join(', ') || 'none'}`;
  const unknown = unknownQueues(queues, catalogue);
  const problems = Object.entries(queues).flatMap(([queue, concurrency]): Problem[] => {
    const pointer = `#/queues/${queue}`;
    if (unknown.includes(queue)) return [{ pointer, detail }];
    if (isInteger(concurrency, 1, maxConcurrency)) return [];
    return [{ pointer, detail: `must be a concurrency, an integer from 1 to ${maxConcurrency}` }];
  });
  if (problems.length > 0) throw new InvalidRequestError(problems);
}

/** Turns `*` into the queues of the catalogue that are not named. */
export function expandQueues(queues: WorkerQueues, catalogue: Queues): Record<string, number> {
  const { '*': others, ...named } = queues;
  if (others === undefined) return named;
  const rest = catalogue.queues().filter((queue) => !(queue in named));
  return { ...named, ...Object.fromEntries(rest.map((queue) => [queue, others])) };
}
