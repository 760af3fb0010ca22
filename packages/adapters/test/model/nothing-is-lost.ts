import fc from 'fast-check';
import type { BrokerKind } from './broker-site.ts';
import { control } from './commands/control.ts';
import { faults } from './commands/faults.ts';
import { submissions } from './commands/submissions.ts';
import { work } from './commands/work.ts';
import { createWorld, type Mutate } from './model.ts';
import type { Witness } from './witness.ts';

/** Another seed tells other stories. */
export const seed = Number(process.env.NAVETTE_MODEL_SEED || 20_261_104);

/** Stories told of each broker. */
export const numRuns = 330;

const story = fc.commands([fc.oneof(...submissions, ...control, ...work, ...faults)], {
  maxCommands: 150,
  size: 'max',
});

/**
 * The property: whatever happens, nothing is ever wrong, and when all is mended every task ends.
 *
 * What must hold is in `invariants.ts`, what can happen in `commands/`, what it happens to in `model.ts`.
 */
export function nothingIsLost(
  broker: BrokerKind,
  options: { readonly mutate?: Mutate; readonly observe?: (witness: Witness) => void } = {},
) {
  return fc.asyncProperty(story, fc.nat(), async (commands, worldSeed) => {
    const world = createWorld({ broker, seed: worldSeed, mutate: options.mutate });
    await fc.asyncModelRun(() => ({ model: world, real: world }), commands);
    await world.quiesce();
    options.observe?.(world.witness);
  });
}
