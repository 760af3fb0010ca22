// Processes of their own for sides and servers, so that none inherits another's heap or connections.
import { fork, spawn } from 'node:child_process';

/** Those that run, to be ended with this process. */
const running = new Set();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** What `npm start` gives Node: room for garbage to die young. Peers have it, too. */
const nodeFlags = ['--max-semi-space-size=32'];
/** How long a process has to end by itself, ms. */
const patienceMs = 10_000;

function watch(child) {
  running.add(child);
  const exited = new Promise((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal)));
  exited.then(() => running.delete(child));
  return {
    exited,
    /** Ends it, by force if it takes its time. */
    async stop(signal = 'SIGTERM') {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs);
      await exited;
      clearTimeout(timer);
    },
  };
}

/** Starts a server of one's own: a script with this environment. */
export function startProcess(script, { cwd, env }) {
  const child = spawn(process.execPath, [...nodeFlags, script], {
    cwd,
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return { pid: child.pid, ...watch(child) };
}

/**
 * Starts a script that answers calls (`answerCalls`). What it tells unasked goes to `onTold`.
 * @param argv what its `process.argv` ends with
 */
export function startCallee(script, { argv = [], onTold = () => {} } = {}) {
  const child = fork(script, argv, {
    execArgv: [...nodeFlags, '--expose-gc'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const open = new Map();
  let calls = 0;
  child.on('message', ({ call, value, error, told }) => {
    if (told) return onTold(told);
    const { resolve, reject } = open.get(call);
    open.delete(call);
    if (error) reject(new Error(error));
    else resolve(value);
  });
  const { exited, stop } = watch(child);
  exited.then((how) => {
    for (const { reject } of open.values()) reject(new Error(`the process ended (${how})`));
  });
  // Of a channel that has closed: whoever calls hears of it.
  child.on('error', () => {});
  return {
    pid: child.pid,
    stop,
    /** Calls a function there. */
    call: (name, argument) =>
      new Promise((resolve, reject) => {
        open.set(++calls, { resolve, reject });
        child.send({ call: calls, name, argument }, (error) => error && reject(error));
      }),
  };
}

/** In such a process: answers calls by these functions, and ends when its parent does. */
export function answerCalls(functions) {
  process.on('message', async ({ call, name, argument }) => {
    try {
      process.send({ call, value: await functions[name](argument) });
    } catch (error) {
      process.send({ call, error: error.stack ?? String(error) });
    }
  });
  process.on('disconnect', () => process.exit());
  return { tell: (told) => process.send({ told }) };
}
