import type { Task, TaskFilter, TaskState, TaskStore } from '@navette/domain';
import { describe, expect } from 'vitest';
import { type Scene, storeCases } from './store-scene.ts';
import type { OpenStore } from './store-under-test.ts';

/** Filters in every combination, against a model that reads every task. */
export function describeFilters(open: OpenStore): void {
  const it = storeCases(open);
  describe('filters', () => {
    it('find the same as a look at every task, in every combination and page by page', async (scene) => {
      const tasks = await mixedTasks(scene);
      for (const filter of combinations(tasks)) {
        const expected = tasks.filter((task) => isMeant(task, filter)).sort(newestFirst);
        const found = await everyPage(scene.store, filter);
        expect(found, JSON.stringify(filter)).toEqual(expected.map(({ id }) => id));
        expect(await scene.store.records.count(filter), JSON.stringify(filter)).toBe(expected.length);
      }
    });
  });
}

/** Tasks of every state, on two queues, of two types, with and without a tag, some minutes apart. */
async function mixedTasks({ inState, advance, get }: Scene): Promise<Task[]> {
  const states: TaskState[] = ['completed', 'failed', 'queued', 'cancelled', 'retrying', 'expired', 'scheduled'];
  const ids: string[] = [];
  for (const [n, state] of [...states, ...states, ...states, 'running' as const].entries()) {
    // A worker of the scene runs but the one type.
    const type = ['queued', 'cancelled', 'expired'].includes(state) && n % 2 > 0 ? 'contract.other' : 'contract.task';
    ids.push(await inState(state, { type, queue: n % 3 > 0 ? 'a' : 'b', tags: n % 4 > 0 ? [] : ['red', `n:${n}`] }));
    if (n % 5 === 0) await advance(60_000);
  }
  return Promise.all(ids.map(get));
}

function* combinations(tasks: readonly Task[]): Generator<TaskFilter> {
  const moments = tasks.map(({ submittedAt }) => submittedAt).sort((a, b) => a.getTime() - b.getTime());
  const [early, late] = [moments[6], moments[14]];
  const stateSets: (TaskState[] | undefined)[] = [
    undefined,
    ['failed'],
    ['cancelled', 'queued', 'retrying'],
    ['completed', 'failed', 'cancelled', 'expired'],
  ];
  const spans: TaskFilter[] = [
    {},
    { submittedAfter: early, submittedBefore: late },
    { finishedAfter: early },
    { finishedBefore: late },
    { finishedAfter: early, finishedBefore: late, submittedAfter: early },
  ];
  for (const states of stateSets)
    for (const type of [undefined, 'contract.other'])
      for (const queue of [undefined, 'a'])
        for (const tag of [undefined, 'red'])
          for (const errorCode of [undefined, 'handler_error'])
            for (const span of spans) yield { states, type, queue, tag, errorCode, ...span };
}

function isMeant(task: Task, filter: TaskFilter): boolean {
  const { submittedAfter, submittedBefore, finishedAfter, finishedBefore } = filter;
  const checks = [
    filter.states === undefined || filter.states.includes(task.state),
    filter.type === undefined || filter.type === task.type,
    filter.queue === undefined || filter.queue === task.queue,
    filter.tag === undefined || task.tags.includes(filter.tag),
    filter.errorCode === undefined || filter.errorCode === task.error?.code,
    submittedAfter === undefined || task.submittedAt >= submittedAfter,
    submittedBefore === undefined || task.submittedAt < submittedBefore,
    finishedAfter === undefined || (task.finishedAt !== null && task.finishedAt >= finishedAfter),
    finishedBefore === undefined || (task.finishedAt !== null && task.finishedAt < finishedBefore),
  ];
  return checks.every(Boolean);
}

function newestFirst(a: Task, b: Task): number {
  return b.submittedAt.getTime() - a.submittedAt.getTime() || (a.id < b.id ? 1 : -1);
}

async function everyPage(store: TaskStore, filter: TaskFilter): Promise<string[]> {
  const ids: string[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await store.records.search({ ...filter, limit: 5, cursor });
    ids.push(...page.items.map(({ id }) => id));
    cursor = page.nextCursor;
  }
  return ids;
}
