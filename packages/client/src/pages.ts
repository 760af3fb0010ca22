import type { Page } from './contract.ts';

/** Everything from a place on, read page by page. */
export async function* eachItem<Item>(
  start: string | undefined,
  readPage: (cursor: string | undefined) => Promise<Page<Item>>,
): AsyncGenerator<Item, void, undefined> {
  for (let cursor: string | null | undefined = start; cursor !== null; ) {
    const page: Page<Item> = await readPage(cursor);
    yield* page.items;
    cursor = page.nextCursor;
  }
}
