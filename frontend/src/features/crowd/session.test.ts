import { beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError } from "@/api/errors";
import type { Feedback, Value } from "@/microtasks/types";
import { KeyLost, type Answered, type Doors, type End, type Item, type Me, type Next, type OpenCampaign } from "./doors";
import { memoryOf, type Memory } from "./memory";
import { CrowdSession } from "./session";

const ME: Me = { name: "Worker 3f2a", state: "WORKING", answered: 0, training_left: 0, reason: "" };
const CAMPAIGN: OpenCampaign = { title: "Nuclei", instruction: "", consent: "", is_open: true, state: "OPEN", kinds: ["CELL"], training_count: 0, items_per_worker: null, leaderboard: false, me: null };
const DONE: End = { reason: "FINISHED", message: "", wait_s: null, code: "C0DE", redirect: "" };
const YES: Value = { choice: "yes" };
const WRONG: Feedback = { right: false, score: 0, truth: { choice: "no" }, regions: [] };

const item = (id: string, more: Partial<Item> = {}): Item => ({ id, kind: "CELL", is_training: false, height: 8, width: 8, pictures: [`blob:${id}`], shown: [[]], classes: [], single: true, ...more });

/** A server of a few items: leases, keeps answers, can be cut off. */
class FakeServer implements Doors {
  answers: { item: string; value: Value; seconds: number }[] = [];
  asked = 0;
  failure: ApiError | null = null;
  feedback = new Map<string, Feedback>();
  released: string[] = [];
  known = new Set(["key"]);

  constructor(readonly items: Item[]) {}

  #pass(): void {
    if (this.failure) throw this.failure;
  }
  read = async (secret: string | null): Promise<OpenCampaign> => {
    await Promise.resolve(this.#pass());
    if (secret !== null && !this.known.has(secret)) throw new KeyLost("This key is not known.");
    return { ...CAMPAIGN, me: secret === null ? null : ME };
  };
  join = async () => {
    await Promise.resolve(this.#pass());
    return { secret: "key", me: ME };
  };
  next = async (_: string, holding: readonly string[]): Promise<Next> => {
    this.asked += 1;
    await Promise.resolve(this.#pass());
    const left = this.items.filter(({ id }) => !this.answers.some((one) => one.item === id));
    const found = left.find(({ id }) => !holding.includes(id)) ?? null;
    return { item: found, done: found ? null : DONE, me: ME };
  };
  answer = async (_: string, id: string, value: Value, seconds: number): Promise<Answered> => {
    await Promise.resolve(this.#pass());
    if (!this.answers.some((one) => one.item === id)) this.answers.push({ item: id, value, seconds });
    return { feedback: this.feedback.get(id) ?? null, notice: "", me: { ...ME, answered: this.answers.length } };
  };
  leaders = async () => Promise.resolve([]);
  forget = async () => Promise.resolve();
  release = ({ id }: Item) => void this.released.push(id);
}

let clock = 0;
let timers: { run: () => void; at: number }[] = [];
const around = {
  now: () => clock,
  later(run: () => void, ms: number) {
    const timer = { run, at: clock + ms };
    timers.push(timer);
    return () => (timers = timers.filter((one) => one !== timer));
  },
};

async function settle(): Promise<void> {
  for (let i = 0; i < 40; i++) await Promise.resolve();
}

async function pass(ms: number): Promise<void> {
  clock += ms;
  const due = timers.filter(({ at }) => at <= clock);
  timers = timers.filter(({ at }) => at > clock);
  for (const { run } of due) run();
  await settle();
}

function started(server: FakeServer, memory: Memory = memoryOf("t", null)) {
  const session = new CrowdSession(server, memory, around);
  const shown = () => {
    const { phase } = session.state();
    return "item" in phase ? `${phase.name} ${phase.item.id}` : phase.name;
  };
  return { session, memory, shown };
}

async function atWork(server: FakeServer, memory?: Memory) {
  const made = started(server, memory);
  await made.session.open();
  await made.session.agree(null);
  await settle();
  made.session.understood();
  await settle();
  return made;
}

beforeEach(() => {
  clock = 0;
  timers = [];
});

describe("a worker's way", () => {
  it("goes from consent over the how-to through the items to the code", async () => {
    const server = new FakeServer([item("a"), item("b")]);
    const { session, shown } = started(server);
    await session.open();
    expect(shown()).toBe("consent");
    await session.agree(null);
    await settle();
    expect(shown()).toBe("how-to a");
    session.understood();
    expect(shown()).toBe("item a");
    session.answer(YES);
    // Prefetched: no loading between.
    expect(shown()).toBe("item b");
    await settle();
    session.answer(YES);
    await settle();
    expect(session.state().phase).toEqual({ name: "ended", end: DONE });
    expect(server.answers.map((one) => one.item)).toEqual(["a", "b"]);
    expect(server.released.sort()).toEqual(["a", "b"]);
  });

  it("explains each kind once", async () => {
    const server = new FakeServer([item("a"), item("b", { kind: "CENTRES" }), item("c")]);
    const { session, shown } = await atWork(server);
    session.answer(YES);
    expect(shown()).toBe("how-to b");
    session.understood();
    await settle();
    session.answer({ points: [] });
    expect(shown()).toBe("item c");
  });

  it("waits for the feedback of a training item; of others it comes between two items", async () => {
    const server = new FakeServer([item("a", { is_training: true }), item("b"), item("c"), item("d")]);
    server.feedback.set("a", WRONG).set("b", WRONG);
    const { session, shown } = await atWork(server);
    session.answer(YES);
    expect(shown()).toBe("item a");
    await settle();
    expect(shown()).toBe("feedback a");
    session.goOn();
    await settle();
    expect(shown()).toBe("item b");
    session.answer(YES);
    await settle();
    expect(shown()).toBe("item c");
    session.answer(YES);
    expect(shown()).toBe("feedback b");
    session.goOn();
    await settle();
    expect(shown()).toBe("item d");
  });

  it("keeps the picture of a told class as an example on its button", async () => {
    const classes = ["1", "2"].map((id) => ({ id, name: id, color: "", examples: [] }));
    const server = new FakeServer([item("a", { kind: "CLASS", classes, is_training: true }), item("b", { kind: "CLASS", classes })]);
    server.feedback.set("a", { right: false, score: 0, truth: { choice: "2" }, regions: [] });
    const { session } = await atWork(server);
    session.answer({ choice: "1" });
    await settle();
    session.goOn();
    await settle();
    const { phase } = session.state();
    expect(phase.name === "item" && phase.item.classes.map((one) => one.examples)).toEqual([[], ["blob:a"]]);
    expect(server.released).toEqual([]);
  });

  it("fetches no practice picture beyond the last one", async () => {
    const server = new FakeServer([item("a", { is_training: true }), item("b", { is_training: true })]);
    const practising: Me = { ...ME, state: "TRAINING", training_left: 1 };
    server.join = () => Promise.resolve({ secret: "key", me: practising });
    const next = server.next;
    server.next = async (secret, holding) => ({ ...(await next(secret, holding)), me: practising });
    const { shown } = await atWork(server);
    expect([shown(), server.asked]).toEqual(["item a", 1]);
  });

  it("counts only the time in which the page was looked at", async () => {
    const server = new FakeServer([item("a")]);
    const { session } = await atWork(server);
    clock += 2_000;
    session.looked(false);
    clock += 60_000;
    session.looked(true);
    clock += 1_500;
    session.answer(YES);
    await settle();
    expect(server.answers[0].seconds).toBe(3.5);
  });
});

describe("a lost connection", () => {
  it("keeps answers, goes on with what is here, and sends all of them once, in order", async () => {
    const server = new FakeServer([item("a"), item("b"), item("c")]);
    const { session, shown } = await atWork(server);
    server.failure = new ApiError(0, null);
    session.answer(YES);
    session.answer({ choice: "no" });
    await settle();
    expect(shown()).toBe("loading");
    expect(session.state().unsent).toBe(2);
    expect(session.state().trouble?.kind).toBe("offline");
    await pass(1_000);
    await pass(2_000);
    expect(server.answers).toEqual([]);
    server.failure = null;
    await pass(30_000);
    expect(server.answers.map(({ item: id, value }) => [id, value])).toEqual([["a", YES], ["b", { choice: "no" }]]);
    expect([shown(), session.state().unsent, session.state().trouble]).toEqual(["item c", 0, null]);
  });

  it("asks ever more slowly, and at once when the network says that it is back", async () => {
    const server = new FakeServer([item("a")]);
    const { session } = await atWork(server);
    server.failure = new ApiError(503, null);
    session.answer(YES);
    await settle();
    const waits: number[] = [];
    for (let i = 0; i < 7; i++) {
      const until = session.state().trouble?.until ?? 0;
      waits.push(until - clock);
      await pass(until - clock);
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
    server.failure = null;
    session.retry();
    await settle();
    expect(server.answers.length).toBe(1);
  });

  it("remembers waiting answers and the key when the page is closed", async () => {
    const stored = new Map<string, string>();
    const storage = { getItem: (key: string) => stored.get(key) ?? null, setItem: (key: string, value: string) => void stored.set(key, value), removeItem: (key: string) => void stored.delete(key) };
    const server = new FakeServer([item("a"), item("b")]);
    const before = await atWork(server, memoryOf("t", storage));
    server.failure = new ApiError(0, null);
    before.session.answer(YES);
    await settle();
    before.session.close();
    server.failure = null;
    const { session, shown } = started(server, memoryOf("t", storage));
    await session.open();
    expect(shown()).toBe("welcome");
    await settle();
    expect(server.answers.map((one) => one.item)).toEqual(["a"]);
    session.resume();
    await settle();
    expect(shown()).toBe("item b");
  });

  it("works where the browser forbids storage", async () => {
    const deny = () => {
      throw new DOMException("denied", "SecurityError");
    };
    const server = new FakeServer([item("a")]);
    const { shown } = await atWork(server, memoryOf("t", { getItem: deny, setItem: deny, removeItem: deny }));
    expect(shown()).toBe("item a");
  });
});

describe("refusals", () => {
  it("waits as long as the server asks when there are too many", async () => {
    const server = new FakeServer([item("a")]);
    const { session } = await atWork(server);
    server.failure = new ApiError(429, { detail: "Too many." }, "12");
    session.answer(YES);
    await settle();
    expect(session.state().trouble).toEqual({ kind: "busy", until: clock + 12_000 });
    server.failure = null;
    await pass(12_000);
    expect(server.answers.length).toBe(1);
  });

  it("passes over an answer that came too late, and goes on", async () => {
    const server = new FakeServer([item("a"), item("b")]);
    const { session, shown } = await atWork(server);
    vi.spyOn(server, "answer").mockImplementationOnce(() => Promise.reject(new ApiError(409, { code: "lease_over" })));
    session.answer(YES);
    await settle();
    expect([shown(), session.state().unsent]).toEqual(["item b", 0]);
  });

  it("asks for consent again when the key is no longer known", async () => {
    const stored = new Map([["cytoloop-crowd-t", JSON.stringify({ secret: "old", waiting: [], explained: [] })]]);
    const { session, shown, memory } = started(new FakeServer([]), memoryOf("t", { getItem: (key) => stored.get(key) ?? null, setItem: () => undefined, removeItem: (key) => void stored.delete(key) }));
    await session.open();
    expect([shown(), memory.read().secret, stored.size]).toEqual(["consent", null, 0]);
  });

  it("says that a link is unknown", async () => {
    const server = new FakeServer([]);
    server.failure = new ApiError(404, null);
    const { session, shown } = started(server);
    await session.open();
    expect(shown()).toBe("failed");
  });

  it("does not ask in circles where the server gives the same item again", async () => {
    const server = new FakeServer([item("a")]);
    server.next = () => {
      server.asked += 1;
      return Promise.resolve({ item: item("a"), done: null, me: ME });
    };
    const { shown } = await atWork(server);
    expect([shown(), server.asked]).toEqual(["item a", 2]);
  });

  it("looks again by itself when there is nothing just now", async () => {
    const items: Item[] = [];
    const server = new FakeServer(items);
    const nothing: End = { ...DONE, reason: "NOTHING_NOW", wait_s: 20 };
    server.next = (_, holding) => Promise.resolve({ item: items.find(({ id }) => !holding.includes(id)) ?? null, done: items.length ? null : nothing, me: ME });
    const { shown, session } = await atWork(server);
    expect(shown()).toBe("ended");
    items.push(item("late"));
    await pass(20_000);
    session.understood();
    expect(shown()).toBe("item late");
  });
});
