// What a bridge answers, by name. Nothing that it says is proved: what is signed or sent is checked
// by `EscrowClient`.

import type { Address, Hex } from "viem";
import { BridgeProblem } from "./errors.js";
import { type AnswerOf, Http, type HttpOptions, type Options, type QueryOf } from "./http.js";
import { type LiveEvent, type LiveOptions, listen, sleep } from "./live.js";

/** Which deals to list; `cursor` and `limit` are those of the first page. */
export type DealsQuery = QueryOf<"/v1/deals">;

type Deals = AnswerOf<"/v1/deals">;
type Events = AnswerOf<"/v1/deals/{id}/events">;

const FIRST_LOOK = 50;
const SLOWEST_LOOK = 1_000;

/** A bridge: `escrow serve` at some address. */
export class Bridge {
  /** Its requests, for every path of the API. */
  readonly http: Http;

  constructor(url: string, options: HttpOptions = {}) {
    this.http = new Http(url, options);
  }

  /** Yields deals, page after page. */
  async *deals(
    query: DealsQuery = {},
    options: Options = {},
  ): AsyncGenerator<Deals["data"][number], void, undefined> {
    yield* pages((cursor) => this.dealsPage({ ...query, ...cursor }, options));
  }

  /** Returns one page of deals, and the block at whose end it is true. */
  dealsPage(query: DealsQuery = {}, options: Options = {}): Promise<Deals> {
    return this.http.get("/v1/deals", {}, query, options);
  }

  /** Returns a deal: agreement, state, milestones. */
  deal(id: Hex, options: Options = {}): Promise<AnswerOf<"/v1/deals/{id}">> {
    return this.http.get("/v1/deals/{id}", { id }, {}, options);
  }

  /** Returns a milestone of a deal. */
  milestone(
    id: Hex,
    index: number,
    options: Options = {},
  ): Promise<AnswerOf<"/v1/deals/{id}/milestones/{index}">> {
    return this.http.get("/v1/deals/{id}/milestones/{index}", { id, index }, {}, options);
  }

  /** Yields what was logged of a deal, notes too, in the order of the chain. */
  async *events(
    id: Hex,
    options: Options = {},
  ): AsyncGenerator<Events["data"][number], void, undefined> {
    yield* pages((cursor) => this.http.get("/v1/deals/{id}/events", { id }, cursor, options));
  }

  /** Returns all that moved in a deal, entry by entry, and the sums. */
  ledger(id: Hex, options: Options = {}): Promise<AnswerOf<"/v1/deals/{id}/ledger">> {
    return this.http.get("/v1/deals/{id}/ledger", { id }, {}, options);
  }

  /** Returns every call: what an address may do now, and why not the rest. */
  actions(
    id: Hex,
    as: Address,
    options: Options = {},
  ): Promise<AnswerOf<"/v1/deals/{id}/actions">> {
    return this.http.get("/v1/deals/{id}/actions", { id }, { as }, options);
  }

  /** Returns an address's credits, what its deals hold, its record. */
  account(address: Address, options: Options = {}): Promise<AnswerOf<"/v1/accounts/{address}">> {
    return this.http.get("/v1/accounts/{address}", { address }, {}, options);
  }

  /** Returns what the bridge says of the contracts. */
  contract(options: Options = {}): Promise<AnswerOf<"/v1/contract">> {
    return this.http.get("/v1/contract", {}, {}, options);
  }

  /** Yields live events; see `listen`. */
  live(options: LiveOptions = {}): AsyncGenerator<LiveEvent, void, undefined> {
    return listen(this.http, options);
  }

  /**
   * Waits until the bridge's answers are of a block or a later one, such as that of a receipt.
   *
   * @throws The reason of the signal, where it ends the waiting.
   */
  async levelWith(block: bigint | number, options: Options = {}): Promise<void> {
    let pause = FIRST_LOOK;
    for (;;) {
      const { number } = (await this.dealsPage({ limit: 1 }, options)).block;
      if (BigInt(number) >= BigInt(block)) return;
      await sleep(pause, options.signal);
      options.signal?.throwIfAborted();
      pause = Math.min(pause * 2, SLOWEST_LOOK);
    }
  }

  /** Returns a deal, null where the index does not know of it. */
  async dealIfKnown(id: Hex, options: Options = {}): Promise<AnswerOf<"/v1/deals/{id}"> | null> {
    try {
      return await this.deal(id, options);
    } catch (error) {
      if (error instanceof BridgeProblem && error.code === "unknown-deal") return null;
      throw error;
    }
  }
}

/** Yields the items of pages, each asked for by the cursor of the one before. */
async function* pages<T>(
  page: (cursor: { cursor?: string }) => Promise<{
    readonly data: readonly T[];
    readonly next: string | null;
  }>,
): AsyncGenerator<T, void, undefined> {
  let next: string | null = null;
  do {
    const answer: Awaited<ReturnType<typeof page>> = await page(
      next === null ? {} : { cursor: next },
    );
    yield* answer.data;
    next = answer.next;
  } while (next !== null);
}
