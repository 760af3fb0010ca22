// Preloaded into Navette's processes (NODE_OPTIONS=--import …): they log when the machine keeps them waiting.
import { watchStarvation } from './starvation.mjs';

watchStarvation((starved) => process.stdout.write(`${JSON.stringify({ msg: 'starved', ...starved })}\n`));
