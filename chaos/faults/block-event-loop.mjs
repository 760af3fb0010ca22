import { writeFileSync } from 'node:fs';
import { apart, takenOverWithinMs } from './fault.mjs';

/** A handler that blocks its worker until others have taken over. @type {import('./fault.mjs').Fault} */
export const blockEventLoop = {
  name: 'block an event loop past the lease',
  setUps: apart,
  effect: 'attempts taken over',
  background: true,
  run: async (installation, chance) => {
    const { load, db, workers } = installation;
    const struckAt = Date.now();
    const gate = `${installation.journal}-${chance.between(0, 1e9)}`;
    const task = await load.submit({ type: 'chaos.block', payload: { gate }, priority: 'critical' }, `block-${gate}`);
    const isRunning = `select worker from navette.tasks where id = $1 and worker is not null`;
    const find = async () => (await db.query(isRunning, [task])).rows[0];
    const { worker } = await installation.until('the handler blocks', find, takenOverWithinMs);
    const place = workers.find((each) => each.worker === worker);
    place.borrowed = true;
    const isLost = () => installation.hasEnded([worker], 'lost', struckAt);
    await installation.until('its attempts are taken over', isLost, takenOverWithinMs);
    writeFileSync(gate, 'open');
    place.borrowed = false;
    return { struckAt, backAt: Date.now(), victims: [worker] };
  },
  effectOf: ({ victims, struckAt }, audit) => audit.countAttempts(victims, 'lost', struckAt),
};
