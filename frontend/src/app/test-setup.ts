import { cleanup } from "@testing-library/react";
import { afterEach, vi } from "vitest";

// Tests of plain TypeScript may ask for the node environment, where there is no window.
if (typeof window !== "undefined") {
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
