import { defineTask, PermanentError } from '@navette/domain';
import { z } from 'zod';

/** Counts the words of a text. */
export const countWords = defineTask({
  type: 'text.count-words',
  description: 'Counts the words of a text.',
  payload: z.strictObject({ text: z.string().max(100_000) }),
  handler: ({ text }) => {
    const words = text.match(/\p{L}+/gu);
    // No retry would find words in this text.
    if (!words) throw new PermanentError('there is no word in it', { code: 'no_words' });
    return { words: words.length };
  },
});

/** Submits one `text.count-words` for each text, on a queue of its own. */
export const countAll = defineTask({
  type: 'text.count-all',
  description: 'Submits a text.count-words for each text.',
  queue: 'batches',
  payload: z.strictObject({ texts: z.array(z.string()).min(1).max(100) }),
  handler: async ({ texts }, { taskId, submit, progress }) => {
    const ids = [];
    for (const [i, text] of texts.entries()) {
      // With a key, a task that runs again submits none of them a second time.
      const { id } = await submit(countWords, { text }, { priority: 'low', idempotencyKey: `${taskId}.${i}` });
      ids.push(id);
      await progress({ done: ids.length, total: texts.length });
    }
    return { ids };
  },
});

export default [countWords, countAll];
