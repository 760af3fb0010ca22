// How many tasks have ended here, and who waits for the end of which.

/** `add(id)` tells of an end; `after(submit)` submits and resolves when what it submitted has ended. */
export function createArrivals() {
  const waiting = new Map();
  const early = new Set();
  let count = 0;
  let asked = false;
  return {
    get count() {
      return count;
    },
    add(id) {
      count++;
      if (!asked) return;
      const resolve = waiting.get(id);
      if (!resolve) return void early.add(id);
      waiting.delete(id);
      resolve();
    },
    async after(submit) {
      asked = true;
      const id = await submit();
      if (!early.delete(id)) await new Promise((resolve) => waiting.set(id, resolve));
    },
  };
}
