// What becomes of the speed when much waits and much has been: backlogs and histories up to a million tasks; memory; disk.
import { measureGrowth } from '../growth/measure-growth.mjs';
import { measurePages } from '../http/pages.mjs';

const ours = ['navette-store', 'navette-bullmq'];

export const growth = {
  name: 'growth',
  title: 'Growth: backlog, history, memory, disk',
  about: 'speed with up to a million tasks waiting or ended; memory and disk along the way',
  sides: [...ours, 'bullmq', 'graphile-worker-batched'],
  phases: [measure],
};

function measure({ quick, sides, rounds }) {
  return sides.flatMap((side) =>
    statesOf({ quick, side, rounds }).map((state) => measurement({ quick, side, ...state })),
  );
}

/** What waits and what has ended; with the greatest backlog worked off to its end where memory is to be seen. */
function statesOf({ quick, side, rounds }) {
  const few = quick ? 300 : 10_000;
  const many = quick ? 500 : 1_000_000;
  const isOurs = ours.includes(side);
  return [
    ...(quick
      ? []
      : [
          { waiting: few, rounds },
          { waiting: 100_000, rounds: 1 },
        ]),
    { waiting: many, rounds: 1, through: quick || isOurs },
    ...(isOurs ? [{ waiting: few, history: many, rounds: 1 }] : []),
  ];
}

function measurement({ quick, side, waiting, history = 0, through = false, rounds }) {
  const id = `growth ${side}, ${waiting} waiting, ${history} ended`;
  const what = { section: 'growth', side, waiting, history };
  const withPages = side === 'navette-store' && history > 0;
  return {
    id,
    side,
    rounds,
    figures: [{ id, what: 'tasks', ...what }, ...(withPages ? [{ id: `${id}, pages`, what: 'pages', ...what }] : [])],
    async run(servers) {
      const pages = async () => (withPages ? [await measurePages(servers, quick ? 5 : 100)] : []);
      const scale = quick
        ? { warmUp: 100, seconds: 0.2, limitMs: 10_000 }
        : { warmUp: 10_000, seconds: 1.5, limitMs: 4_000 };
      return measureGrowth(servers, {
        side,
        waiting,
        history,
        through,
        overHttp: ours.includes(side),
        pages,
        ...scale,
      });
    },
  };
}
