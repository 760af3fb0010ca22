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

function measure({ quick, sides }) {
  return sides.flatMap((side) => statesOf({ quick, side }).map((state) => measurement({ quick, side, ...state })));
}

/** What waits and what has ended; with the greatest backlog worked off to its end where memory is to be seen. */
function statesOf({ quick, side }) {
  const many = quick ? 3_000 : 1_000_000;
  const isOurs = ours.includes(side);
  return [
    ...(quick ? [] : [{ waiting: 100_000, turns: 3 }]),
    { waiting: many, turns: quick ? 1 : 5, besideSmall: true, through: quick || isOurs },
    ...(isOurs ? [{ waiting: few(quick), turns: 1, history: many }] : []),
  ];
}

/** A small backlog, and so what is timed of the others. */
const few = (quick) => (quick ? 300 : 10_000);

function measurement({ quick, side, history = 0, ...state }) {
  const figure = figureOf(side, { history, ...state });
  const withPages = side === 'navette-store' && history > 0;
  const overHttp = ours.includes(side);
  const scale = { part: few(quick), warmUp: quick ? 100 : 10_000, seconds: quick ? 0.2 : 1.5 };
  const turns = Array.from({ length: state.turns });
  return {
    id: figure.id,
    side,
    rounds: 1,
    figures: [
      ...(state.besideSmall ? turns.map(() => figureOf(side, { waiting: few(quick), history: 0 })) : []),
      ...turns.map(() => figure),
      ...(withPages ? [{ ...figure, id: `${figure.id}, pages`, what: 'pages' }] : []),
    ],
    async run(servers) {
      const pages = async () => (withPages ? [await measurePages(servers, quick ? 5 : 100)] : []);
      const { small, large, further } = await measureGrowth(servers, {
        side,
        history,
        overHttp,
        pages,
        ...scale,
        ...state,
      });
      return [...small, ...large, ...further];
    },
  };
}

const figureOf = (side, { waiting, history }) => ({
  id: `growth ${side}, ${waiting} waiting, ${history} ended`,
  section: 'growth',
  what: 'tasks',
  side,
  waiting,
  history,
});
