// The results of a run, each with the medians of its samples, to be asked for by what they are.
import { medians, spread } from './statistics.mjs';

/**
 * @param results `{ id, section, side, …, samples }`
 * @returns `find` (the one that is all that is asked for), `all`, and `best` (of all, the one with the highest rate)
 */
export function createFigures(results) {
  const figures = results.filter(({ samples }) => samples.length > 0).map(figureOf);
  const all = (wanted) =>
    figures.filter((figure) => Object.entries(wanted).every(([name, value]) => figure[name] === value));
  return {
    all,
    find: (wanted) => all(wanted)[0],
    best: (wanted) => all(wanted).reduce((best, of) => (best && best.perSecond >= of.perSecond ? best : of), undefined),
    /** What could not be measured, each time or once. */
    failed: results.filter(({ failed }) => failed),
  };
}

function figureOf({ samples, ...result }) {
  const rates = samples.map(({ perSecond }) => perSecond).filter(Number.isFinite);
  const cpu = medians(samples.map((sample) => sample.cpu ?? {}));
  return { ...result, ...medians(samples), cpu, spread: spread(rates), samples };
}
