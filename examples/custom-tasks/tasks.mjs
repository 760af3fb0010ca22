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
  handler: async ({ texts }, { submit, progress }) => {
    const ids = [];
    for (const text of texts) {
      const { id } = await submit(countWords, { text }, { priority: 'low' });
      ids.push(id);
      await progress({ done: ids.length, total: texts.length });
    }
    return { ids };
  },
});

export default [countWords, countAll];
