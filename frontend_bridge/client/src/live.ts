// Live events: one order for everyone, resumed where a connection broke.

import { BridgeProblem, BridgeUnavailable } from "./errors.js";
import type { components } from "./generated/api.js";
import type { Http } from "./http.js";
import { messages, type SseMessage } from "./sse.js";

type Told = components["schemas"]["LiveEvent"];

/**
 * What a listener hears: an `event` that was written, one that was taken back because its block
 * was replaced (`reverted`), that blocks up to `block_number` cannot be replaced (`final`), or that
 * all that was read before is to be read again (`reset`), since the index was made anew, or a
 * connection broke before anything told where it stood.
 */
export type LiveEvent =
  | (Told & { readonly kind: "event" | "reverted" })
  | (Told & { readonly kind: "final" })
  | { readonly kind: "reset" };

/** How a listener is connected: it hears, or it waits for the next try. */
export type LiveState = "open" | "waiting";

/** Options of listening. */
export interface LiveOptions {
  /** Only events of this deal. */
  readonly deal?: `0x${string}` | undefined;
  /** Only events of deals with this party. */
  readonly party?: `0x${string}` | undefined;
  /** Begin after this sequence, with what happened since; without it, with what happens now. */
  readonly after?: number | undefined;
  /** Ends the listening. */
  readonly signal?: AbortSignal | undefined;
  /** Hears of each change of the connection. */
  readonly onState?: ((state: LiveState) => void) | undefined;
  /** Milliseconds of silence after which the connection is taken for dead; 45,000 by default. */
  readonly silence?: number | undefined;
}

const SILENCE = 45_000; // three signs of life
const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 30_000;

/**
 * Yields live events until the signal ends it, or the loop is left. A connection that breaks is
 * made anew, after pauses that double up to half a minute, with what was missed; nothing is
 * yielded twice.
 *
 * @throws BridgeProblem the bridge refuses what was asked, so that another try is of no use.
 */
export async function* listen(
  http: Http,
  options: LiveOptions = {},
): AsyncGenerator<LiveEvent, void, undefined> {
  const { signal, onState } = options;
  let last = options.after;
  let missed = false;
  let begun = false;
  let pause = FIRST_PAUSE;
  let failures = 0;
  const ended = () => signal?.aborted === true;
  while (!ended()) {
    let wait = 0;
    try {
      for await (const told of connection(http, options, last)) {
        if (told === null) {
          failures = 0;
          onState?.("open");
          // Only now: what is read from here on misses nothing that this connection tells.
          if (missed) yield { kind: "reset" };
          [missed, begun] = [false, true];
          continue;
        }
        if (told.retry !== null) pause = told.retry;
        const event = read(told);
        if (event === null) continue;
        if (event.kind === "end") {
          if (event.why === "reset") last = undefined;
          break;
        }
        if (last !== undefined && event.sequence <= last) continue;
        last = event.sequence;
        yield event as LiveEvent;
      }
    } catch (error) {
      if (ended()) return;
      wait = hopeOf(error);
    }
    if (ended()) return;
    missed ||= begun && last === undefined;
    onState?.("waiting");
    const most = Math.min(pause * 2 ** failures, LONGEST_PAUSE);
    failures += 1;
    // A part of it is chance, so that not all listeners come back at once.
    await sleep(Math.max(wait, most / 2 + (Math.random() * most) / 2), signal);
  }
}

type End = { readonly kind: "end"; readonly why: string };

/** Yields the messages of one connection, and null when it is open. */
async function* connection(
  http: Http,
  options: LiveOptions,
  last: number | undefined,
): AsyncGenerator<SseMessage | null, void, undefined> {
  const ended = new AbortController();
  const end = () => ended.abort(options.signal?.reason);
  options.signal?.addEventListener("abort", end, { once: true });
  const silence = options.silence ?? SILENCE;
  let timer = setTimeout(() => ended.abort(), silence);
  try {
    const headers: Record<string, string> = { accept: "text/event-stream" };
    if (last !== undefined) headers["last-event-id"] = String(last);
    const { deal, party } = options;
    const url = http.address("/v1/events", {}, { deal, party });
    const response = await http.open(url, headers, ended.signal);
    if (response.body === null) return;
    let open = false;
    for await (const message of messages(response.body, ended.signal)) {
      clearTimeout(timer);
      timer = setTimeout(() => ended.abort(), silence);
      if (!open) {
        open = true;
        yield null;
      }
      if (message !== null) yield message;
    }
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener("abort", end);
    ended.abort();
  }
}

/** Returns what a message says; null: it is none that this version knows. */
function read(message: SseMessage): Told | End | null {
  const { event, data } = message;
  try {
    if (event === "end") return { kind: "end", why: String(JSON.parse(data).why) };
    if (event !== "event" && event !== "reverted" && event !== "final") return null;
    const told = JSON.parse(data) as Told;
    return Number.isSafeInteger(told.sequence) && told.kind === event ? told : null;
  } catch {
    throw new BridgeUnavailable(
      "bad-answer",
      "The bridge's live events are not what they must be.",
      "Check its address: something else may answer there.",
    );
  }
}

/** Returns the milliseconds to wait at least before another try; throws where none is of use. */
function hopeOf(error: unknown): number {
  if (error instanceof BridgeProblem) {
    if (error.status !== 429 && error.status < 500) throw error;
    return (error.retryAfter ?? 0) * 1_000;
  }
  return 0;
}

/** Waits, or until the signal ends it. */
export function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    if (signal?.aborted === true) done();
    else signal?.addEventListener("abort", done, { once: true });
  });
}
