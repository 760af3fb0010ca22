// One side (argv[2]: JSON { side, servers }) in a process of its own: takes in tasks, works them off, tells how far it is.
import { setTimeout as sleep } from 'node:timers/promises';
import { answerCalls } from './child.mjs';
import { repeat } from './pace.mjs';
import { tail } from './report/statistics.mjs';

const { side, servers } = JSON.parse(process.argv[2]);
const { open } = await import(`./sides/${side}.mjs`);
let opening;

/** How often it tells how many have ended, ms. */
const tellEveryMs = 10;
const now = () => performance.timeOrigin + performance.now();
/** Tasks per call where many are submitted at once. */
const chunk = 500;

const { tell } = answerCalls({
  async open() {
    opening = open(servers);
    await opening;
  },
  /** Puts `count` tasks in line, the quickest way that leaves the same rows as submitting them. */
  async fill(count) {
    const opened = await opening;
    if (opened.fill) return opened.fill(count);
    let left = count;
    const lane = async () => {
      while (left > 0) {
        const size = Math.min(chunk, left);
        left -= size;
        await opened.submitMany(size);
      }
    };
    await Promise.all([lane(), lane()]);
  },
  async fillHistory(count) {
    await (await opening).fillHistory(count);
  },
  /** Brings the side's tables into the order in which they would be after a while. */
  async tidy() {
    const opened = await opening;
    await opened.tidy?.();
  },
  /** Bytes on disk; `undefined` if the side keeps nothing there. */
  async bytes() {
    const opened = await opening;
    return opened.bytes?.();
  },
  async submitSingle({ lanes, seconds }) {
    const { submit } = await opening;
    const { count, seconds: took, latenciesMs } = await repeat({ lanes, seconds, once: () => submit() });
    return { count, perSecond: count / took, ...tail(latenciesMs) };
  },
  async submitBulk({ lanes, size, seconds }) {
    const { submitMany } = await opening;
    const { count, seconds: took } = await repeat({ lanes, seconds, once: () => submitMany(size) });
    return { perSecond: (count * size) / took };
  },
  /** Starts to work; from then on it tells `{ at, ended }` whenever tasks have ended. */
  async work({ concurrency, handlerMs }) {
    const opened = await opening;
    await opened.work({ concurrency, handler: handlerMs ? () => sleep(handlerMs) : async () => {} });
    let told = 0;
    setInterval(() => {
      const ended = opened.ended();
      if (ended !== told) tell({ at: now(), ended });
      told = ended;
    }, tellEveryMs);
  },
  /** When everything that was told to have ended is also written, ms since 1970. */
  async settled() {
    const opened = await opening;
    await opened.settled?.();
    return now();
  },
  /** Throws unless the side has kept exactly that many as done. */
  async check(count) {
    const opened = await opening;
    await opened.check?.(count);
  },
  /** Submits and waits for the end, over and over, in a process that also works. */
  async roundTrips({ lanes, seconds, perSecond }) {
    const opened = await opening;
    const { count, seconds: took, latenciesMs } = await repeat({ lanes, seconds, perSecond, once: opened.roundTrip });
    return { perSecond: count / took, ...tail(latenciesMs) };
  },
  /** What is alive after a collection, and what the process has of the machine. */
  memory() {
    globalThis.gc();
    const { rss, heapUsed } = process.memoryUsage();
    return { rssMb: rss / 1e6, heapMb: heapUsed / 1e6 };
  },
  async close() {
    await (await opening)?.close();
  },
});
