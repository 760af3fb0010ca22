// How long `GET /tasks` takes for a page, asked by one client, one after the other.
import { quantile } from '../report/statistics.mjs';
import { startService } from './service.mjs';

/** The questions that a person who looks for a task asks. */
const questions = [
  '',
  'state=completed',
  'state=failed',
  'queue=bench',
  'type=bench',
  'tag=tag-1',
  'errorCode=handler_error',
];

/** Median and 99th percentile of all questions, and the median of each. */
export async function measurePages(servers, times) {
  const service = await startService(servers, 'navette-store');
  try {
    const tookMs = new Map(questions.map((question) => [question, []]));
    for (let time = 0; time < times; time++) {
      for (const question of questions) {
        const startedAt = performance.now();
        const answer = await fetch(`http://127.0.0.1:${service.port}/tasks?limit=50&${question}`);
        if (!answer.ok) throw new Error(`GET /tasks?${question} answers ${answer.status}`);
        const { items } = await answer.json();
        tookMs.get(question).push(performance.now() - startedAt);
        if (items.length === 0) throw new Error(`nothing was found by ${question || 'no filter'}`);
      }
    }
    const all = [...tookMs.values()].flat();
    const each = Object.fromEntries([...tookMs].map(([question, ms]) => [question || 'all', quantile(ms, 0.5)]));
    return {
      p50Ms: quantile(all, 0.5),
      p99Ms: quantile(all, 0.99),
      slowestP50Ms: Math.max(...Object.values(each)),
      each,
    };
  } finally {
    await service.stop();
  }
}
