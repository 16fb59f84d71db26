// What a bridge answers, by name. Nothing that it says is proved: what is signed or sent is checked
// by `EscrowClient`.

import type { Address, Hex } from "viem";
import { check } from "./check.js";
import { type AgreementDocument, documentHash } from "./documents.js";
import { BridgeProblem } from "./errors.js";
import {
  type AnswerOf,
  type GetPath,
  Http,
  type HttpOptions,
  type Names,
  type Options,
  type QueryOf,
} from "./http.js";
import { type LiveEvent, type LiveOptions, listen, sleep } from "./live.js";

/** Which deals to list; `cursor` and `limit` are those of the first page. */
export type DealsQuery = QueryOf<"/v1/deals">;

interface Page<T> {
  readonly data: readonly T[];
  readonly next: string | null;
}
/** A path that answers with pages. */
export type PagedPath = {
  [P in GetPath]: AnswerOf<P> extends Page<unknown> ? P : never;
}[GetPath];
/** What a path lists. */
export type ItemOf<P extends PagedPath> = AnswerOf<P> extends Page<infer T> ? T : never;

const FIRST_LOOK = 50;
const SLOWEST_LOOK = 1_000;

/** A bridge: `escrow serve` at some address. */
export class Bridge {
  /** Its requests, for every path of the API. */
  readonly http: Http;

  constructor(url: string, options: HttpOptions = {}) {
    this.http = new Http(url, options);
  }

  /** Yields what a path lists, page after page, such as `/v1/jobs`. */
  async *each<P extends PagedPath>(
    path: P,
    names: Names = {},
    query: object = {},
    options: Options = {},
  ): AsyncGenerator<ItemOf<P>, void, undefined> {
    let cursor: string | undefined;
    do {
      const asked = cursor === undefined ? query : { ...query, cursor };
      const answer: unknown = await this.http.get(path, names, asked, options);
      const page = answer as Page<ItemOf<P>>;
      yield* page.data;
      cursor = page.next ?? undefined;
    } while (cursor !== undefined);
  }

  /** Yields deals, page after page. */
  deals(query: DealsQuery = {}, options: Options = {}) {
    return this.each("/v1/deals", {}, query, options);
  }

  /** Returns one page of deals, and the block at whose end it is true. */
  dealsPage(query: DealsQuery = {}, options: Options = {}): Promise<AnswerOf<"/v1/deals">> {
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
  events(id: Hex, options: Options = {}) {
    return this.each("/v1/deals/{id}/events", { id }, {}, options);
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

  /**
   * Returns a document that is kept here, for whom it is for.
   *
   * @throws BridgeDistrusted it is another one.
   */
  async document(hash: Hex, options: Options = {}): Promise<AgreementDocument> {
    const { data } = await this.http.get("/v1/documents/{hash}", { hash }, {}, options);
    check("document", hash.toLowerCase(), documentHash(data.document as AgreementDocument));
    return data.document as AgreementDocument;
  }

  /** Has a document kept by the bridge; for who is signed in. */
  async putDocument(document: AgreementDocument, options: Options = {}): Promise<void> {
    await this.http.ask("put", "/v1/documents", { body: document }, options);
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
