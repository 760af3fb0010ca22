// Taking in tasks over HTTP, at several loads on one server.
import { startLoad } from './measure-load.mjs';
import { startService } from './service.mjs';

/** What is submitted: it waits in its queue, for there is no worker. */
const task = { type: 'demo.echo', payload: { n: 1, text: 'twelve words of payload' } };

const planOf = ({ connections, tasks }) =>
  tasks === 1
    ? { path: '/submit-task', body: JSON.stringify(task), connections }
    : {
        path: '/submit-tasks',
        body: JSON.stringify({ tasks: Array.from({ length: tasks }, () => task) }),
        connections,
      };

/** One sample per load: tasks per second, how long a request took, and who used how much CPU. */
export async function measureHttpSubmission(servers, { side, loads, seconds, warmUpSeconds }) {
  const service = await startService(servers, side);
  const load = startLoad(servers, service);
  try {
    await load.play({ ...planOf(loads[0]), connections: 16, seconds: warmUpSeconds });
    const samples = [];
    for (const at of loads) {
      const { count: _, perSecond, ...sample } = await load.play({ ...planOf(at), seconds });
      samples.push({ perSecond: perSecond * at.tasks, ...sample });
    }
    return samples;
  } finally {
    await Promise.all([load.stop(), service.stop()]);
  }
}
