// Load on a service, with the CPU time of everyone involved.
import { fileURLToPath } from 'node:url';
import { startCallee } from '../child.mjs';
import { residentMb, startCpuCount } from '../cpu.mjs';

const script = fileURLToPath(new URL('./load-process.mjs', import.meta.url));

/** Starts the process that the load comes from. */
export function startLoad(servers, service) {
  const generator = startCallee(script);
  return {
    /** Plays a plan (see `generateLoad`) against the service. Throws if an answer is not one of those expected. */
    async play(plan, expected = [202]) {
      const pids = { generator: generator.pid, ...service.pids, ...servers.pids };
      const endCpuCount = await startCpuCount(pids);
      const { statuses, ...figures } = await generator.call('load', { port: service.port, ...plan });
      const cpu = await endCpuCount(figures.count);
      const others = Object.keys(statuses).filter((status) => !expected.includes(Number(status)));
      if (others.length > 0) throw new Error(`answers: ${JSON.stringify(statuses)}`);
      return { ...figures, rssMb: await residentMb(service.pids.server), ...cpu };
    },
    stop: () => generator.stop('SIGKILL'),
  };
}
