import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LIVE_WORDS } from "./keys";
import { LiveEvents, type LiveState } from "./live";

class FakeSource extends EventTarget {
  closed = false;
  close = () => void (this.closed = true);
}

let sources: FakeSource[];
let states: LiveState[];
const onStale = vi.fn();

function follow(): LiveEvents {
  const live = new LiveEvents({
    open: () => {
      sources.push(new FakeSource());
      return sources.at(-1) as unknown as EventSource;
    },
    onStale,
    onState: (state) => states.push(state),
  });
  live.start();
  return live;
}
const emit = (name: string) => sources.at(-1)?.dispatchEvent(new Event(name));

beforeEach(() => {
  vi.useFakeTimers();
  sources = [];
  states = [];
  onStale.mockClear();
});
afterEach(() => vi.useRealTimers());

describe("the live line", () => {
  it("gathers a burst of events into one word each", () => {
    follow();
    emit("open");
    for (let count = 0; count < 50; count += 1) emit("job.progress");
    emit("export.changed");
    expect(onStale).not.toHaveBeenCalled();
    vi.advanceTimersByTime(500);
    expect(onStale).toHaveBeenCalledTimes(1);
    expect(onStale).toHaveBeenCalledWith(["job-progress", "exports"]);
  });

  it("polls while the stream is down and catches up when it is back", () => {
    follow();
    emit("open");
    emit("error");
    expect(sources[0].closed).toBe(true);
    vi.advanceTimersByTime(1_000);
    expect(sources).toHaveLength(2);
    emit("error");
    vi.advanceTimersByTime(1_999);
    expect(sources).toHaveLength(2);
    vi.advanceTimersByTime(1);
    expect(sources).toHaveLength(3);
    expect(onStale).not.toHaveBeenCalled();
    emit("open");
    expect(onStale).toHaveBeenCalledWith(LIVE_WORDS);
    expect(states).toEqual(["connecting", "live", "polling", "polling", "live"]);
    onStale.mockClear();
    vi.advanceTimersByTime(60_000);
    expect(onStale).not.toHaveBeenCalled();
  });

  it("asks for everything every ten seconds as long as it stays down", () => {
    follow();
    emit("error");
    for (let count = 0; count < 12; count += 1) {
      vi.advanceTimersByTime(3_000);
      emit("error");
    }
    expect(onStale.mock.calls.length).toBeGreaterThan(1);
  });

  it("says offline, keeps quiet, and connects when the network is back", () => {
    const live = follow();
    live.setOnline(false);
    vi.advanceTimersByTime(60_000);
    expect(onStale).not.toHaveBeenCalled();
    expect(states.at(-1)).toBe("offline");
    live.setOnline(true);
    emit("open");
    expect(states.at(-1)).toBe("live");
    expect(onStale).toHaveBeenCalledWith(LIVE_WORDS);
  });

  it("is silent after it was stopped", () => {
    const live = follow();
    emit("open");
    emit("task.changed");
    live.stop();
    vi.advanceTimersByTime(60_000);
    expect(onStale).not.toHaveBeenCalled();
    expect(sources.at(-1)?.closed).toBe(true);
  });
});
