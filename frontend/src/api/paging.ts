/** For lists that are short by nature (datasets, classes, members): one page that holds them all. */
export const ALL = { limit: 500, offset: 0 } as const;

/** For a count alone: one row, of which only `count` is read. */
export const COUNT_ONLY = { limit: 1, offset: 0 } as const;

interface Page {
  count: number;
  results: readonly unknown[];
}

/** The offset after the pages at hand; undefined when the list is complete. */
export function nextOffset(_: Page, pages: readonly Page[]): number | undefined {
  const have = pages.reduce((sum, page) => sum + page.results.length, 0);
  return have < pages[pages.length - 1].count ? have : undefined;
}
