import { afterEach, vi } from "vitest";

// Most tests run in Node, where there is no page to set up.
if (typeof window !== "undefined") {
  const { cleanup } = await import("@testing-library/react");
  afterEach(cleanup);
  answerForLayout();
}

/** jsdom has no layout: what Mantine asks of a window is answered plainly. */
function answerForLayout(): void {
  window.matchMedia = (query: string) =>
    ({ matches: false, media: query, onchange: null, addEventListener: vi.fn(), removeEventListener: vi.fn(), dispatchEvent: vi.fn() }) as unknown as MediaQueryList;
  globalThis.ResizeObserver = class {
    observe = vi.fn();
    unobserve = vi.fn();
    disconnect = vi.fn();
  };
  Element.prototype.scrollIntoView = vi.fn();
}
