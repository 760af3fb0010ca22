// What the figures were measured on.
import { cpus, loadavg, totalmem } from 'node:os';

/** The machine, in the words of a table. */
export const describeMachine = () => ({
  cpu: cpus()[0].model,
  cores: cpus().length,
  memoryGb: Math.round(totalmem() / 1e9),
  node: process.version,
});

/** Says so on the terminal if others are at work on this machine. */
export function warnIfBusy() {
  const [lastMinute] = loadavg();
  if (lastMinute < cpus().length / 2) return;
  process.stderr.write(
    `The machine is busy already (load ${lastMinute.toFixed(1)}): only ratios will mean something.\n`,
  );
}
