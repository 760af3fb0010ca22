import fc from 'fast-check';
import { type HandlerEnd, handlerEnds } from '../handlers.ts';
import { anyPick, type Command, command, picked } from './command.ts';

/** Some more often than others, so that all moves are made often enough. */
const moreOften: HandlerEnd[] = ['returns', 'returns', 'returns', 'fails', 'fails', 'asks for later', 'asks for later'];
const anyEnd = fc.constantFrom(...handlerEnds, ...handlerEnds, ...moreOften);

const endHandler = command(
  'a handler',
  fc.tuple(anyEnd, anyPick),
  ({ handlers }, [how, pick]) => picked(handlers.running, pick).end(how),
  ({ handlers }) => handlers.running.size > 0,
);

/** Not waited for: the process may be frozen, or dead. */
const report = command(
  'a handler reports progress',
  anyPick,
  ({ handlers }, pick) => void picked(handlers.running, pick).report(),
  ({ handlers }) => handlers.running.size > 0,
);

const ms = (least: number, most: number) => fc.integer({ min: least, max: most });

const pass = command(
  'time passes, ms:',
  fc.oneof(
    { weight: 4, arbitrary: ms(1, 1_500) },
    { weight: 3, arbitrary: ms(1_500, 5_000) },
    { weight: 1, arbitrary: ms(5_000, 20_000) },
  ),
  ({ system }, duration) => system.advance(duration),
);

/** What handlers and time do, and how often. */
export const work: fc.WeightedArbitrary<Command>[] = [
  { weight: 14, arbitrary: endHandler },
  { weight: 2, arbitrary: report },
  { weight: 16, arbitrary: pass },
];
