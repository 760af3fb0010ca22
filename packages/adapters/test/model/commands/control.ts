import { InvalidTransitionError, isTerminal, type Task, type TaskState } from '@navette/domain';
import fc from 'fast-check';
import { expect } from 'vitest';
import { queueOf } from '../handlers.ts';
import { anyPick, type Command, command, oneIn, picked } from './command.ts';

/** What comes of asking for a change of a task. */
type Expect = (answer: Promise<unknown>, before: Task) => Promise<void>;

const expectQueued: Expect = (answer) => expect(answer).resolves.toMatchObject({ state: 'queued' });
const expectRefused: Expect = (answer) => expect(answer).rejects.toThrow(InvalidTransitionError);

/** A running task is asked to stop, any other open one is cancelled at once, and one that was stays cancelled. */
const expectCancelled: Expect = (answer, { state }) => {
  const running = state === 'running';
  return expect(answer).resolves.toMatchObject({ requested: running, task: { state: running ? state : 'cancelled' } });
};

/** Asks for a change of one task: mostly one in a state that `fits`, from which it moves; and now and then any other. */
function ask(
  name: 'cancel' | 'retry' | 'promote',
  fits: (state: TaskState) => boolean,
  expected: Expect,
  otherwise: Expect = expectRefused,
): fc.Arbitrary<Command> {
  return command(
    name,
    fc.record({ pick: anyPick, anyState: oneIn(5) }, { noNullPrototype: true }),
    async ({ api, witness }, { pick, anyState }) => {
      const all = [...witness.tasks.values()].map(({ task }) => task);
      const fitting = all.filter(({ state }) => fits(state));
      const task = pickedByState(anyState || fitting.length === 0 ? all : fitting, pick);
      const answer = api.navette[name](task.id);
      await (fits(task.state) ? expected : otherwise)(answer, task);
    },
    ({ witness }) => witness.tasks.size > 0,
  );
}

/** First a state, then a task in it: so the rare states have their turn. */
function pickedByState(tasks: readonly Task[], pick: number): Task {
  const state = picked(new Set(tasks.map((task) => task.state)), pick);
  const inState = tasks.filter((task) => task.state === state);
  return picked(inState, pick);
}

const isOpen = (state: TaskState) => !isTerminal(state);
const isWaiting = (state: TaskState) => state === 'scheduled' || state === 'retrying';
const cancel = ask('cancel', isOpen, expectCancelled, (answer, task) =>
  (task.state === 'cancelled' ? expectCancelled : expectRefused)(answer, task),
);
const retry = ask('retry', isTerminal, expectQueued);
const promote = ask('promote', isWaiting, expectQueued);

const anyQueue = fc.constantFrom(...new Set(Object.values(queueOf)));
const pause = command('pause', anyQueue, ({ api }, queue) => api.navette.pause(queue));
const resume = command('resume', anyQueue, ({ api }, queue) => api.navette.resume(queue));

/** What people ask for, and how often. */
export const control: fc.WeightedArbitrary<Command>[] = [
  { weight: 10, arbitrary: cancel },
  { weight: 10, arbitrary: retry },
  { weight: 3, arbitrary: promote },
  { weight: 1, arbitrary: pause },
  { weight: 3, arbitrary: resume },
];
