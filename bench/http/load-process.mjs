// The load comes from a process of its own, so that its CPU time is counted apart.
import { answerCalls } from '../child.mjs';
import { tail } from '../report/statistics.mjs';
import { generateLoad } from './load.mjs';

answerCalls({
  async load(plan) {
    const { count, seconds, latenciesMs, statuses } = await generateLoad(plan);
    return { count, perSecond: count / seconds, ...tail(latenciesMs), statuses };
  },
});
