// What becomes of the speed when much waits and much has been: backlogs and histories up to a million tasks; memory; disk.
import { measureGrowth } from '../growth.mjs';
import { measurePages } from '../http/pages.mjs';

const ours = ['navette-store', 'navette-bullmq'];
const million = 1_000_000;

export const growth = {
  name: 'growth',
  title: 'Growth: backlog, history, memory, disk',
  about: 'speed with up to a million tasks waiting or ended; memory and disk along the way',
  sides: [...ours, 'bullmq', 'graphile-worker-batched'],
  phases: [measure],
};

function measure({ quick, sides, rounds }) {
  const size = (full, small) => (quick ? small : full);
  return sides.flatMap((side) => {
    const isOurs = ours.includes(side);
    const states = [
      { waiting: size(10_000, 200), rounds },
      ...(quick ? [] : [{ waiting: 100_000, rounds: 1 }]),
      { waiting: size(million, 500), rounds: 1, through: isOurs || quick },
      ...(isOurs ? [{ waiting: size(10_000, 200), history: size(million, 500), rounds: 1 }] : []),
    ];
    return states.map((state) => measurement({ quick, side, history: 0, ...state }));
  });
}

function measurement({ quick, side, waiting, history, through, rounds }) {
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
      return measureGrowth(servers, { side, waiting, history, through, pages, ...scale });
    },
  };
}
