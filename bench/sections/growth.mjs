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
  const few = { waiting: quick ? 300 : 10_000 };
  const many = quick ? 500 : 1_000_000;
  const isOurs = ours.includes(side);
  return [
    ...(quick ? [] : [{ waiting: 100_000, beside: few }]),
    { waiting: many, through: quick || isOurs, beside: quick ? undefined : few },
    ...(isOurs ? [{ ...few, history: many }] : []),
  ];
}

/** @param beside the state that this one is compared with: measured just before it and just after */
function measurement({ quick, side, beside, ...state }) {
  const figure = figureOf(side, state);
  const withPages = side === 'navette-store' && state.history > 0;
  const scale = quick
    ? { warmUp: 100, seconds: 0.2, limitMs: 10_000 }
    : { warmUp: 10_000, seconds: 1.5, limitMs: 4_000 };
  const common = { side, history: 0, overHttp: ours.includes(side), pages: async () => [], ...scale };
  const other = beside ? [figureOf(side, beside)] : [];
  return {
    id: figure.id,
    side,
    rounds: 1,
    figures: [
      ...other,
      figure,
      ...(withPages ? [{ ...figure, id: `${figure.id}, pages`, what: 'pages' }] : []),
      ...other,
    ],
    async run(servers) {
      const pages = async () => (withPages ? [await measurePages(servers, quick ? 5 : 100)] : []);
      const samples = [];
      for (const each of [beside, { pages, ...state }, beside].filter(Boolean)) {
        if (samples.length > 0) await servers.clean();
        samples.push(...(await measureGrowth(servers, { ...common, ...each })));
      }
      return samples;
    },
  };
}

const figureOf = (side, { waiting, history = 0 }) => ({
  id: `growth ${side}, ${waiting} waiting, ${history} ended`,
  section: 'growth',
  what: 'tasks',
  side,
  waiting,
  history,
});
