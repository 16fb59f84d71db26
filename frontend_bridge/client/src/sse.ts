// Server-sent events out of a stream of bytes, as the HTML standard reads them.

/** One message, or a sign of life. */
export interface SseMessage {
  /** `message` where the stream gives no name. */
  readonly event: string;
  readonly data: string;
  /** As last given in this stream; empty: none was. */
  readonly id: string;
  /** Milliseconds before a new try, as last given; null: none was. */
  readonly retry: number | null;
}

const MOST = 1 << 20;

/**
 * Yields the messages of a stream. A comment, which is a sign of life, is yielded as null.
 *
 * @param signal Ends it, also where the stream does not hear of the signal by itself.
 * @throws RangeError a message is longer than a megabyte.
 */
export async function* messages(
  body: ReadableStream<Uint8Array>,
  signal?: AbortSignal,
): AsyncGenerator<SseMessage | null, void, undefined> {
  let [event, data, id, retry]: [string, string[], string, number | null] = ["", [], "", null];
  for await (const line of lines(body, signal)) {
    if (line === "") {
      if (data.length > 0) yield { event: event || "message", data: data.join("\n"), id, retry };
      [event, data] = ["", []];
      continue;
    }
    if (line.startsWith(":")) {
      yield null;
      continue;
    }
    const colon = line.indexOf(":");
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "event") event = value;
    else if (name === "data") data.push(value);
    else if (name === "id" && !value.includes("\0")) id = value;
    else if (name === "retry" && /^\d+$/.test(value)) retry = Number(value);
  }
}

/** Yields lines without their ends, which are CR, LF or both; what has no end is no line. */
async function* lines(
  body: ReadableStream<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<string, void, undefined> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const cancel = () => void reader.cancel().catch(() => undefined);
  signal?.addEventListener("abort", cancel, { once: true });
  let waiting = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      waiting += decoder.decode(value, { stream: true });
      // A CR at the end may be the first half of an end of line.
      const whole = waiting.endsWith("\r") ? waiting.length - 1 : waiting.length;
      const parts = waiting.slice(0, whole).split(/\r\n|\r|\n/);
      waiting = (parts.pop() ?? "") + waiting.slice(whole);
      if (waiting.length > MOST) throw new RangeError("A line of the stream does not end.");
      yield* parts;
    }
  } finally {
    // Whoever stops listening ends the connection.
    signal?.removeEventListener("abort", cancel);
    cancel();
  }
}
