import { legalMoves, messageOf, taskStates } from '@navette/domain';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BrokerKind } from './broker-site.ts';
import { movesBy } from './invariants.ts';
import { nothingIsLost, numRuns, seed } from './nothing-is-lost.ts';
import { count, type Witness } from './witness.ts';

/** Each legal move is made at least this often over the runs. */
const leastMoves = 100;
/** Each of these changes a task at least this often: the faults have their effect. */
const leastEffects = 25;
const effects: Readonly<Record<BrokerKind, readonly string[]>> = {
  'the store as queue': ['recoverLost', 'promote', 'progress', 'prune'],
  'a broker apart': ['recoverLost', 'promote', 'progress', 'prune', 'redispatch'],
};
/** When a failure has been found, a shorter one is looked for during this time, ms. */
const shrinkMs = 60_000;

const allLegalMoves = taskStates.flatMap((from) => legalMoves[from].map((to) => `${from} → ${to}`));

describe('the delivery protocol', () => {
  test('knows who may make which move, and these are the legal moves', () => {
    expect(new Set(Object.values(movesBy).flat())).toEqual(new Set(allLegalMoves));
  });

  test.each(['the store as queue', 'a broker apart'] as const)(
    'loses nothing and breaks no rule, with %s',
    { timeout: 3 * shrinkMs },
    async (broker) => {
      const moves = new Map<string, number>();
      const causes = new Map<string, number>();
      const observe = ({ counts }: Witness) => {
        for (const [move, times] of counts.moves) count(moves, move, times);
        for (const [cause, times] of counts.causes) count(causes, cause, times);
      };
      const details = await fc.check(nothingIsLost(broker, { observe }), { seed, numRuns, endOnFailure: true });
      if (details.failed) throw await shortened(broker, details.counterexamplePath);
      for (const move of allLegalMoves) expect(moves.get(move), move).toBeGreaterThanOrEqual(leastMoves);
      for (const cause of effects[broker]) expect(causes.get(cause), cause).toBeGreaterThanOrEqual(leastEffects);
    },
  );
});

/** A failure again, as short as it gets in time, and how to reproduce it. */
async function shortened(broker: BrokerKind, path: string | null): Promise<Error> {
  const details = await fc.check(nothingIsLost(broker), { seed, path: path ?? '', interruptAfterTimeLimit: shrinkMs });
  const again = `Again: NAVETTE_MODEL_SEED=${seed} npx vitest run packages/adapters/test/model -t '${broker}'`;
  const cause = details.failed ? details.errorInstance : 'it did not fail again';
  return new Error([messageOf(cause), again, await fc.asyncDefaultReportMessage(details)].join('\n\n'), { cause });
}
