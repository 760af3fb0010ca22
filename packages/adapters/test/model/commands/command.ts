import fc from 'fast-check';
import type { World } from '../model.ts';

/**
 * A step of the model. What can be done next depends on what is there, so a command looks at the world itself; what
 * must come of it is known to the invariants, and to the command where it has an answer to expect.
 */
export type Command = fc.AsyncCommand<World, World>;

/** A command for every value given; it is left out where it is not possible. */
export function command<T>(
  name: string,
  given: fc.Arbitrary<T>,
  run: (world: World, value: T) => unknown,
  isPossible: (world: World) => boolean = () => true,
): fc.Arbitrary<Command> {
  return given.map((value) => ({
    check: isPossible,
    run: async (_model, world) => {
      await run(world, value);
      await world.check();
    },
    toString: () => (value === undefined ? name : `${name} ${fc.stringify(value)}`),
  }));
}

/** For a command that needs no value. */
export const nothing = fc.constant(undefined);

/** Picks one of however many there will be. */
export const anyPick = fc.nat(1_000);

/** The one that was picked. */
export function picked<T>(among: Iterable<T>, pick: number): T {
  const all = [...among];
  if (all.length === 0) throw new Error('nothing to pick from');
  return all[pick % all.length] as T;
}

/** True once in so many times. */
export function oneIn(n: number): fc.Arbitrary<boolean> {
  return fc.integer({ min: 1, max: n }).map((drawn) => drawn === 1);
}
