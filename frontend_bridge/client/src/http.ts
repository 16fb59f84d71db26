// One request of the bridge: typed by the OpenAPI document, refused in the bridge's own words.

import { BridgeProblem, BridgeUnavailable, type ProblemFields } from "./errors.js";
import type { paths } from "./generated/api.js";

/** A method of HTTP. */
export type Method = "get" | "post" | "put" | "delete";
/** A path of the API that knows a method. */
export type PathOf<M extends Method> = {
  [P in keyof paths]: paths[P][M] extends { responses: { 200: unknown } } ? P : never;
}[keyof paths];
/** A path of the API that is read. */
export type GetPath = PathOf<"get">;
/** A path of the API that takes a body. */
export type PostPath = PathOf<"post">;

/** What a path answers with. */
export type AnswerOf<P extends keyof paths, M extends Method = "get"> = paths[P][M] extends {
  responses: { 200: { content: { "application/json": infer A } } };
}
  ? A
  : never;
/** What a path takes as its body. */
export type BodyOf<P extends keyof paths, M extends Method = "post"> = paths[P][M] extends {
  requestBody: { content: { "application/json": infer B } };
}
  ? B
  : never;
/** The query of a path. */
export type QueryOf<P extends GetPath> = paths[P]["get"] extends { parameters: { query?: infer Q } }
  ? Exclude<Q, undefined>
  : never;

/** The names in a path. */
export type Names = Readonly<Record<string, string | number>>;

/** What is sent with a request that is no reading. */
export interface Sending<P extends keyof paths, M extends Method> {
  readonly names?: Names;
  /** As JSON, or with `media` the bytes of a file. */
  readonly body?: BodyOf<P, M> | Uint8Array<ArrayBuffer>;
  /** The type of the bytes. */
  readonly media?: string;
  /** Of a POST of who is signed in: the same key is done once, and answered alike, for a day. */
  readonly key?: string;
}

/** Options of one request. */
export interface Options {
  /** Ends the request. */
  readonly signal?: AbortSignal | undefined;
}

/** Options of a bridge. */
export interface HttpOptions {
  /** In the place of the platform's `fetch`. */
  readonly fetch?: typeof fetch;
  /** Sent with every request, such as a token of a proxy. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds that an answer may take; 30,000 by default. */
  readonly timeout?: number;
  /**
   * Answers that are kept to be asked for by their ETag; none by default. A browser does that by
   * itself, and a header of our own would cost a preflight there.
   */
  readonly kept?: number;
}

interface Kept {
  readonly etag: string;
  readonly text: string;
}

const TIMEOUT = 30_000;

/** Requests of one bridge. */
export class Http {
  /** Where the bridge is, without a slash at the end. */
  readonly url: string;
  /** Of the session in which requests are made; null: nobody's. */
  token: string | null = null;
  readonly #fetch: typeof fetch;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #timeout: number;
  readonly #most: number;
  readonly #kept = new Map<string, Kept>();

  constructor(url: string, options: HttpOptions = {}) {
    this.url = url.replace(/\/+$/, "");
    this.#fetch = options.fetch ?? globalThis.fetch.bind(globalThis);
    this.#headers = options.headers ?? {};
    this.#timeout = options.timeout ?? TIMEOUT;
    this.#most = options.kept ?? 0;
  }

  /** Reads a path. */
  async get<P extends GetPath>(
    path: P,
    names: Names = {},
    query: object = {},
    options: Options = {},
  ): Promise<AnswerOf<P>> {
    const url = this.address(path, names, query);
    const known = this.#kept.get(url);
    const headers = known === undefined ? {} : { "if-none-match": known.etag };
    const { response, text } = await this.#ask(url, { headers }, options);
    if (response.status === 304 && known !== undefined) return parsed(known.text);
    if (!response.ok) throw refusal(response, text);
    const etag = response.headers.get("etag");
    if (this.#most > 0 && etag !== null) this.#keep(url, { etag, text });
    return parsed(text);
  }

  /** Asks a path with a body. */
  post<P extends PostPath>(
    path: P,
    body: BodyOf<P>,
    options: Options = {},
  ): Promise<AnswerOf<P, "post">> {
    return this.ask("post", path, { body }, options);
  }

  /** Asks a path by any method; reading by `get` is simpler. */
  async ask<M extends Method, P extends PathOf<M>>(
    method: M,
    path: P,
    sending: Sending<P, M> = {},
    options: Options = {},
  ): Promise<AnswerOf<P, M>> {
    const { names, body, media, key } = sending;
    const headers: Record<string, string> = {};
    const request: RequestInit = { method: method.toUpperCase(), headers };
    if (body !== undefined) {
      headers["content-type"] = media ?? "application/json";
      request.body = media === undefined ? JSON.stringify(body) : (body as Uint8Array<ArrayBuffer>);
    }
    if (key !== undefined) headers["idempotency-key"] = key;
    const { response, text } = await this.#ask(this.address(path, names), request, options);
    if (!response.ok) throw refusal(response, text);
    return parsed(text);
  }

  /** Opens a stream; what it answers with is the caller's to read, and to end by the signal. */
  async open(url: string, headers: Record<string, string>, signal: AbortSignal): Promise<Response> {
    const response = await this.#send(url, { headers, signal });
    if (!response.ok) throw refusal(response, await response.text());
    return response;
  }

  /** Returns the address of a path, its names and its query filled in. */
  address(path: string, names: Names = {}, query: object = {}): string {
    const filled = path.replace(/\{(\w+)\}/g, (_, name: string) =>
      encodeURIComponent(String(names[name])),
    );
    const given = Object.entries(query).filter(([, value]) => value !== undefined);
    const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)]));
    return `${this.url}${filled}${given.length > 0 ? `?${search}` : ""}`;
  }

  async #ask(
    url: string,
    request: RequestInit,
    options: Options,
  ): Promise<{ response: Response; text: string }> {
    const limit = AbortSignal.timeout(this.#timeout);
    const signal = options.signal === undefined ? limit : AbortSignal.any([options.signal, limit]);
    const response = await this.#send(url, { ...request, signal });
    try {
      return { response, text: await response.text() };
    } catch (cause) {
      throw silent(cause, signal);
    }
  }

  async #send(url: string, request: RequestInit): Promise<Response> {
    const session = this.token === null ? {} : { authorization: `Bearer ${this.token}` };
    const own = request.headers as Record<string, string>;
    const headers = { ...this.#headers, ...session, ...own };
    try {
      return await this.#fetch(url, { ...request, headers });
    } catch (cause) {
      throw silent(cause, request.signal);
    }
  }

  #keep(url: string, answer: Kept): void {
    this.#kept.delete(url);
    this.#kept.set(url, answer);
    if (this.#kept.size > this.#most) {
      const [oldest] = this.#kept.keys();
      if (oldest !== undefined) this.#kept.delete(oldest);
    }
  }
}

/** Returns what to throw where there was no answer: the caller's own reason, if it gave up. */
function silent(cause: unknown, signal: AbortSignal | null | undefined): unknown {
  const reason: unknown = signal?.aborted ? signal.reason : undefined;
  const slow = reason instanceof DOMException && reason.name === "TimeoutError";
  if (reason !== undefined && !slow) return reason;
  return new BridgeUnavailable(
    "no-answer",
    slow ? "The bridge did not answer in time." : "The bridge does not answer.",
    "Check its address and the network, and try again.",
    { cause },
  );
}

function refusal(response: Response, text: string): Error {
  const told: unknown = maybe(text);
  if (isProblem(told)) {
    const after = Number(response.headers.get("retry-after") ?? Number.NaN);
    return new BridgeProblem(told, Number.isFinite(after) ? after : null);
  }
  return new BridgeUnavailable(
    "bad-answer",
    `The bridge answered with status ${response.status} and no reason.`,
    "Check its address: something else may answer there.",
  );
}

function parsed<T>(text: string): T {
  const told = maybe(text);
  if (typeof told !== "object" || told === null) {
    throw new BridgeUnavailable(
      "bad-answer",
      "The bridge answered with what is no JSON.",
      "Check its address: something else may answer there.",
    );
  }
  return told as T;
}

function maybe(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const TEXTS = ["type", "title", "detail", "remedy", "code"] as const;

function isProblem(told: unknown): told is ProblemFields {
  if (typeof told !== "object" || told === null) return false;
  const fields = told as Record<string, unknown>;
  return (
    typeof fields["status"] === "number" && TEXTS.every((name) => typeof fields[name] === "string")
  );
}
