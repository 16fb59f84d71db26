// Live events: resumed where a connection broke, nothing twice, what was taken back told.

import assert from "node:assert/strict";
import { ReadableStream as Stream } from "node:stream/web";
import { describe, it } from "node:test";
import { type Agreement, Bridge, type LiveEvent, type LiveOptions } from "milestone-escrow-client";
import { messages } from "../src/sse.ts";
import { as, bound, chain, inTurn, level, node, until, world } from "./world.ts";

/** Connections to the live events, and what is done to them. */
class Line {
  /** `last-event-id` of each connection; empty: none was sent. */
  readonly resumed: string[] = [];
  readonly signals: AbortSignal[] = [];
  readonly times: number[] = [];
  readonly states: string[] = [];
  /** What the first connections get in the place of the bridge's answer. */
  readonly first: ((answer: () => Promise<Response>, url: string) => Promise<Response>)[];

  constructor(...first: Line["first"]) {
    this.first = first;
  }

  readonly fetch: typeof fetch = (url, init) => {
    const headers = new Headers(init?.headers);
    this.resumed.push(headers.get("last-event-id") ?? "");
    this.times.push(Date.now());
    if (init?.signal) this.signals.push(init.signal);
    const answer = () => fetch(url, init);
    return this.first.shift()?.(answer, String(url)) ?? answer();
  };

  /** Listens until the signal ends it. */
  hear(options: LiveOptions = {}): { heard: LiveEvent[]; done: Promise<void> } {
    const heard: LiveEvent[] = [];
    const onState = (state: string) => {
      this.states.push(state);
    };
    const live = new Bridge(world.bridge, { fetch: this.fetch }).live({ onState, ...options });
    const done = (async () => {
      for await (const event of live) heard.push(event);
    })();
    return { heard, done };
  }
}

/** Returns an answer that breaks once it has told so many events. */
function cut(count: number) {
  return async (answer: () => Promise<Response>): Promise<Response> => {
    const response = await answer();
    async function* breaking(): AsyncGenerator<Uint8Array> {
      let left = count;
      for await (const chunk of response.body ?? []) {
        for (const part of new TextDecoder().decode(chunk).split(/(?<=\n\n)/)) {
          if (left === 0) throw new Error("The line broke.");
          if (part.includes("event: event\n")) left -= 1;
          yield new TextEncoder().encode(part);
        }
      }
    }
    return new Response(Stream.from(breaking()) as unknown as ReadableStream, response);
  };
}

async function idOf(agreement: Agreement) {
  return (await as("employer")).dealId(agreement);
}

function names(heard: readonly LiveEvent[]): string[] {
  return heard.flatMap((each) => (each.kind === "event" ? [each.name ?? ""] : []));
}

const OPENED = ["Opened", "Accepted", "Funded", "Funded", "Funded"];

describe("connections", { concurrency: true }, () => {
  it("one that breaks is resumed, and nothing is missed or told twice", async () => {
    const deal = await idOf(await bound());
    await level();
    const line = new Line(cut(2), cut(1));
    const stop = new AbortController();
    const { heard, done } = line.hear({ deal, after: 0, signal: stop.signal });
    await until(() => names(heard).length === OPENED.length);
    stop.abort();
    await done;
    assert.deepEqual(names(heard), OPENED);
    const sequences = heard.flatMap((each) => (each.kind === "event" ? [each.sequence] : []));
    assert.deepEqual(line.resumed, ["0", String(sequences[1]), String(sequences[2])]);
    assert.deepEqual(line.states, ["open", "waiting", "open", "waiting", "open"]);
  });

  it("what comes again is not told again", async () => {
    const deal = await idOf(await bound());
    await level();
    const again = async (_: unknown, url: string) => fetch(`${url}&after=0`);
    const line = new Line(cut(3), again);
    const stop = new AbortController();
    const { heard, done } = line.hear({ deal, after: 0, signal: stop.signal });
    await until(() => names(heard).length >= OPENED.length);
    const agreement = await (await as("employer")).agreementOf(deal);
    await inTurn(async () =>
      (await as("employer")).execute("release", { agreement, indexes: [0] }),
    );
    await until(() => names(heard).includes("Released"));
    stop.abort();
    await done;
    assert.deepEqual(names(heard).slice(0, 6), [...OPENED, "Released"]);
  });

  it("one that breaks before it told anything ends in a reset once it is back", async () => {
    const silent = async () => new Response(": open\n\n", { status: 200 });
    const line = new Line(silent);
    const stop = new AbortController();
    const { heard, done } = line.hear({ signal: stop.signal });
    await until(() => heard.length > 0);
    stop.abort();
    await done;
    assert.deepEqual(heard[0], { kind: "reset" });
    assert.deepEqual(line.states.slice(0, 3), ["open", "waiting", "open"]);
  });

  it("an index that was made anew is told by a reset", async () => {
    const line = new Line();
    const stop = new AbortController();
    const { heard, done } = line.hear({ after: 10 ** 14, signal: stop.signal });
    await until(() => heard.length > 0);
    stop.abort();
    await done;
    assert.deepEqual(heard[0], { kind: "reset" });
    assert.deepEqual(line.resumed.slice(0, 2), [String(10 ** 14), ""]);
  });

  it("one that is silent for too long is made anew", async () => {
    const dead = async () => new Response(new ReadableStream({}), { status: 200 });
    const deal = await idOf(await bound());
    await level();
    const line = new Line(dead);
    const stop = new AbortController();
    const { heard, done } = line.hear({ deal, after: 0, silence: 1_000, signal: stop.signal });
    await until(() => names(heard).length === OPENED.length);
    stop.abort();
    await done;
    assert.equal(line.signals[0]?.aborted, true);
  });

  it("a bridge that is busy is asked again when it said", async () => {
    const problem = {
      ...{ type: "urn:milestone-escrow:problem:x", title: "x", status: 503 },
      ...{ detail: "Busy.", remedy: "Wait.", code: "x" },
    };
    const busy = async () =>
      Response.json(problem, { status: 503, headers: { "retry-after": "1" } });
    const line = new Line(busy);
    const stop = new AbortController();
    const { done } = line.hear({ signal: stop.signal });
    await until(() => line.states.includes("open"));
    stop.abort();
    await done;
    const [first, second] = line.times as [number, number];
    assert.ok(second - first >= 990, `${second - first} ms`);
  });

  it("what is refused for good is thrown", async () => {
    const { done } = new Line().hear({ deal: "0x12" });
    await assert.rejects(done, { name: "BridgeProblem", status: 400 });
  });

  it("a signal ends it without an error, and the connection with it", async () => {
    const line = new Line();
    const stop = new AbortController();
    const { done } = line.hear({ signal: stop.signal });
    await until(() => line.states.includes("open"));
    stop.abort();
    await done;
    assert.equal(line.signals[0]?.aborted, true);
    await line.hear({ signal: AbortSignal.abort() }).done;
    assert.equal(line.signals.length, 1);
  });

  it("leaving the loop ends the connection", async () => {
    const deal = await idOf(await bound());
    await level();
    const line = new Line();
    const live = new Bridge(world.bridge, { fetch: line.fetch }).live({ deal, after: 0 });
    for await (const event of live) {
      if (event.kind === "event") break;
    }
    assert.equal(line.signals[0]?.aborted, true);
  });
});

describe("a block that is replaced", () => {
  it("has its events told as reverted", async () => {
    await node.mine({ blocks: 1 });
    const [before, height] = [await node.snapshot(), await chain.getBlockNumber({ cacheTime: 0 })];
    const line = new Line();
    const stop = new AbortController();
    const { heard, done } = line.hear({ signal: stop.signal });
    await until(() => line.states.includes("open"));
    const deal = await idOf(await bound());
    await until(() => names(heard).length >= OPENED.length);
    const gone = (await chain.getBlockNumber({ cacheTime: 0 })) - height;
    await node.revert({ id: before });
    await node.mine({ blocks: Number(gone) + 1 });
    await until(() => heard.filter((each) => each.kind === "reverted").length >= OPENED.length);
    stop.abort();
    await done;
    assert.deepEqual(
      heard.flatMap((each) =>
        each.kind === "event" || each.kind === "reverted"
          ? [[each.kind, each.name, each.deal_id]]
          : [],
      ),
      [
        ...OPENED.map((name) => ["event", name, deal]),
        ...OPENED.toReversed().map((name) => ["reverted", name, deal]),
      ],
    );
    const { bridge } = await as("employer");
    await level();
    assert.equal(await bridge.dealIfKnown(deal), null);
  });
});

describe("server-sent events", () => {
  it("are read alike however the bytes come", async () => {
    const text = [
      ": hello\n\nid: 1\nevent: event\ndata: {\ndata: é}\n\n",
      "retry: 50\r\nid: 2\r\ndata:no blank\r\n\r\n",
      "data\rid: 3\r\rretry: x\nevent: lost\n\ndata: not ended",
    ].join("");
    const bytes = new TextEncoder().encode(text);
    for (const size of [1, 2, 3, 7, bytes.length]) {
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          for (let at = 0; at < bytes.length; at += size) {
            controller.enqueue(bytes.slice(at, at + size));
          }
          controller.close();
        },
      });
      const found = [];
      for await (const message of messages(body)) found.push(message);
      assert.deepEqual(found, [
        null,
        { event: "event", data: "{\né}", id: "1", retry: null },
        { event: "message", data: "no blank", id: "2", retry: 50 },
        { event: "message", data: "", id: "3", retry: 50 },
      ]);
    }
  });
});
