// A wallet, a node and a bridge together: what the bridge prepares is checked, then the wallet is
// asked, then the chain is waited for.

import { type Address, type Hex, type PublicClient, zeroAddress } from "viem";
import { type Agreement, agreementFromJson, dealId } from "./agreement.js";
import { Bridge } from "./bridge.js";
import {
  aboutDeal,
  approval,
  bodyOf,
  type CallArguments,
  type CallName,
  type Made,
  made,
  type Payment,
  type Subject,
  type Transaction,
} from "./calls.js";
import { check, checkCall } from "./check.js";
import { type Deployment, deploymentFrom, same, verifyDeployment } from "./deployments.js";
import { type AgreementDocument, checkDocument } from "./documents.js";
import { BridgeDistrusted, InputError, WalletError } from "./errors.js";
import type { components } from "./generated/api.js";
import { CALLS, MESSAGES } from "./generated/words.js";
import { held } from "./holdings.js";
import type { HttpOptions, Options, PostPath } from "./http.js";
import {
  checkMessage,
  type MessageArguments,
  type MessageKind,
  type Signable,
  signable,
} from "./messages.js";
import { checkSignIn, originOf } from "./sign-in.js";
import {
  refuse,
  requireChain,
  type SendOptions,
  type Sent,
  sendAll,
  type Wallet,
} from "./wallet.js";

/** A call that was prepared and checked; only what `prepare` returns can be sent. */
export interface PreparedCall {
  readonly name: CallName;
  /** Who sends it. */
  readonly from: Address;
  /** The deal that it is about; null: none. */
  readonly dealId: Hex | null;
  readonly agreement: Agreement | null;
  /** What it does, and what is final about it: to be shown before the wallet is asked. */
  readonly sentence: string;
  readonly final: string;
  readonly pays: Payment | null;
  /** Approvals, if any are needed, then the call. */
  readonly transactions: readonly Transaction[];
  /** What the bridge answered; its words and its simulation are not checked. */
  readonly told: components["schemas"]["Prepared"];
}

/** A message that was signed. */
export interface Signed {
  readonly kind: MessageKind;
  readonly signature: Hex;
  readonly digest: Hex;
  readonly signable: Signable;
  /** The call that takes the signature. */
  readonly call: CallName;
}

/** Who is signed in, on which chain, until when. */
export type Session = components["schemas"]["Session"];

/** What a client is made of. */
export interface ClientOptions {
  /** A bridge, or where one is. */
  readonly bridge: Bridge | string;
  readonly wallet: Wallet;
  /** Of the node that is believed: the wallet's own, or one of your choice. */
  readonly chain: PublicClient;
  /** Where the contracts are; without it what the bridge says, verified by their code. */
  readonly deployment?: Deployment;
  /** Of the bridge, where its address is given. */
  readonly http?: HttpOptions;
}

type Values = Readonly<Record<string, unknown>>;

/** A client of one escrow, for one wallet. */
export class EscrowClient {
  readonly bridge: Bridge;
  readonly deployment: Deployment;
  readonly wallet: Wallet;
  readonly chain: PublicClient;
  readonly #checked = new WeakSet<PreparedCall>();

  private constructor(options: ClientOptions, bridge: Bridge, deployment: Deployment) {
    this.bridge = bridge;
    this.deployment = deployment;
    this.wallet = options.wallet;
    this.chain = options.chain;
  }

  /**
   * Returns a client, once the code at the contracts' addresses was found to be theirs.
   *
   * @throws InputError `wrong-chain`, `no-escrow`, `no-notes`.
   * @throws BridgeProblem, BridgeUnavailable as the bridge.
   */
  static async connect(options: ClientOptions): Promise<EscrowClient> {
    const { bridge: given, chain, http } = options;
    const bridge = typeof given === "string" ? new Bridge(given, http) : given;
    const deployment = options.deployment ?? (await deploymentFrom(bridge));
    await verifyDeployment(chain, deployment);
    return new EscrowClient(options, bridge, deployment);
  }

  /** The wallet's account. */
  get address(): Address {
    return this.wallet.account.address;
  }

  /** Returns the id of the deal on an agreement; asks nobody. */
  dealId(agreement: Agreement): Hex {
    return dealId(agreement, this.deployment);
  }

  /**
   * Returns the agreement of a deal that the bridge's index knows.
   *
   * @throws BridgeDistrusted it is another deal's.
   */
  async agreementOf(id: Hex, options: Options = {}): Promise<Agreement> {
    const { data } = await this.bridge.deal(id, options);
    const agreement = agreementFromJson(data.agreement);
    check("agreement", id.toLowerCase(), this.dealId(agreement));
    return agreement;
  }

  // --- Calls

  /**
   * Has a call prepared, and checks that what came is what was asked: contract, function, each
   * argument, value, chain, sender, and the approvals that go first.
   *
   * @throws BridgeDistrusted it is not.
   * @throws BridgeProblem the contract, the node or the bridge refuses it.
   */
  async prepare<N extends CallName>(
    name: N,
    given: CallArguments<N>,
    options: Options = {},
  ): Promise<PreparedCall> {
    const { deployment, address: from } = this;
    const values: Values = given;
    const agreement = aboutDeal(name) ? await this.#subject(values as Subject, options) : null;
    const moved =
      name === "amend" && agreement ? await held(this.chain, deployment, agreement) : 0n;
    const asked = made(name, values, agreement, deployment, moved);
    const body = { from, ...bodyOf(values, agreement) };
    const told = await this.#made<components["schemas"]["Prepared"]>(
      `/v1/prepare/${name}`,
      body,
      options,
    );
    checkCall(asked, from, told.prepared);
    const first = approvalsOf(asked, told.approvals, from, deployment);
    const prepared: PreparedCall = Object.freeze({
      name,
      from,
      dealId: agreement && this.dealId(agreement),
      agreement,
      sentence: CALLS[name].does,
      final: CALLS[name].final,
      pays: asked.pays,
      transactions: Object.freeze(
        [...first, asked].map((each) => Object.freeze({ ...each.transaction })),
      ),
      told,
    });
    this.#checked.add(prepared);
    return prepared;
  }

  /**
   * Asks the wallet for calls that were prepared, and waits until they are in blocks: as one batch
   * where there are several transactions and the wallet takes batches, else one by one.
   *
   * @throws ContractRevert a contract refuses.
   * @throws WalletError the wallet refuses, or is on another chain or account.
   */
  async send(
    calls: PreparedCall | readonly PreparedCall[],
    options: SendOptions = {},
  ): Promise<Sent> {
    const all = Array.isArray(calls) ? (calls as readonly PreparedCall[]) : [calls as PreparedCall];
    for (const call of all) {
      if (!this.#checked.has(call)) {
        throw new InputError(
          "not-prepared",
          "This call was not prepared and checked by this client.",
          "Send what prepare returns, unchanged.",
        );
      }
      this.#requireAccount(call.from);
    }
    return sendAll(
      this.chain,
      this.wallet,
      all.flatMap((each) => each.transactions),
      options,
    );
  }

  /** Prepares, checks and sends a call; see both. */
  async execute<N extends CallName>(
    name: N,
    given: CallArguments<N>,
    options: Options & SendOptions = {},
  ): Promise<Sent> {
    return this.send(await this.prepare(name, given, options), options);
  }

  // --- Messages

  /**
   * Has a message made, makes it here as well, and has the wallet sign it if the two are the same:
   * each field, the domain, the types and the digest. What milestones hold is the chain's word.
   *
   * @throws BridgeDistrusted they are not the same.
   * @throws InputError the document is not that of the terms, or `not-signer`.
   * @throws WalletError the wallet refuses, or is on another chain.
   */
  async sign<K extends MessageKind>(
    kind: K,
    given: MessageArguments<K>,
    options: Options = {},
  ): Promise<Signed> {
    const { document, ...values } = given as Values & { document?: AgreementDocument };
    const agreement = await this.#subject(values as unknown as Subject, options);
    this.#requireTerms(kind, values, agreement, document);
    this.#requireSigner(kind, agreement);
    const told = await this.#made<components["schemas"]["TypedData"]>(
      `/v1/typed-data/${kind}`,
      bodyOf(values, agreement),
      options,
    );
    const message = await signable(this.chain, this.deployment, kind, values, agreement, told);
    const digest = checkMessage(message, told);
    const { wallet, deployment } = this;
    await requireChain(wallet, deployment.chainId);
    const signature = await wallet
      .signTypedData({ account: wallet.account, ...message } as Parameters<
        Wallet["signTypedData"]
      >[0])
      .catch(refuse);
    return { kind, signature, digest, signable: message, call: MESSAGES[kind].call };
  }

  // --- Signing in

  /**
   * Signs in at the bridge: its requests are this account's from then on, for an hour.
   *
   * @param origin Where one signs in: by default the page that runs this, else the bridge's address.
   *     A bridge that is known under another name has to be given that one.
   * @throws BridgeDistrusted the text that the bridge wants signed is another than it must be.
   * @throws WalletError the wallet refuses.
   */
  async signIn(
    origin: string = originOf(this.bridge.http.url),
    options: Options = {},
  ): Promise<Session> {
    const { http } = this.bridge;
    const { address, wallet, deployment } = this;
    const { data } = await http.post("/v1/sign-in/message", { address }, options);
    const { message } = data;
    checkSignIn(message, { origin, address, chainId: deployment.chainId });
    const signature = await wallet.signMessage({ account: wallet.account, message }).catch(refuse);
    const begun = await http.post("/v1/sign-in", { message, signature }, options);
    const { session, token } = begun.data;
    check("session.address", address.toLowerCase(), session.address.toLowerCase());
    http.token = token;
    return session;
  }

  /** Ends the session. */
  async signOut(options: Options = {}): Promise<void> {
    const { http } = this.bridge;
    await http.ask("delete", "/v1/session", {}, options);
    http.token = null;
  }

  // --- Inside

  #subject(given: Subject, options: Options): Promise<Agreement> | Agreement {
    if (given.agreement !== undefined) return given.agreement;
    if (given.deal_id !== undefined) return this.agreementOf(given.deal_id, options);
    throw new InputError(
      "no-agreement",
      "It must be said which deal this is about.",
      "Give deal_id, or the whole agreement.",
    );
  }

  /** Asks for a call or a message; its body is of the path's type by `bodyOf`. */
  async #made<T>(path: PostPath, body: object, options: Options): Promise<T> {
    const answer: unknown = await this.bridge.http.post(path, body as never, options);
    return (answer as { data: T }).data;
  }

  #requireTerms(
    kind: MessageKind,
    given: Values,
    agreement: Agreement,
    document: AgreementDocument | undefined,
  ): void {
    if (kind !== "agreement" && kind !== "amendment") return;
    const terms = kind === "agreement" ? agreement : (given["new"] as Agreement);
    if (document === undefined) {
      throw new InputError(
        "no-document",
        "Terms are not signed without the document that says what the work is.",
        "Give document, and let its signer read it.",
      );
    }
    checkDocument(document, terms);
    if (kind === "amendment" && terms.supersedes.toLowerCase() !== this.dealId(agreement)) {
      throw new InputError(
        "bad-supersedes",
        "The new agreement does not supersede this deal.",
        "Set its supersedes to the id of the deal that ends.",
      );
    }
  }

  #requireSigner(kind: MessageKind, agreement: Agreement): void {
    const may = MESSAGES[kind].signers.map((role) => agreement[role]);
    if (may.some((each) => each !== zeroAddress && same(each, this.address))) return;
    throw new InputError(
      "not-signer",
      `${this.address} is not who may sign this.`,
      `Let the ${MESSAGES[kind].signers.join(" or the ")} sign it.`,
    );
  }

  #requireAccount(from: Address): void {
    if (same(from, this.address)) return;
    throw new WalletError(
      "wrong-account",
      `The call is for ${from}, and the wallet is ${this.address}.`,
      "Switch the wallet's account, or prepare the call anew.",
    );
  }
}

/** Returns the approvals that go before a call: at most one, of what the call needs and no more. */
function approvalsOf(
  asked: Made,
  told: readonly components["schemas"]["PreparedCall"][],
  from: Address,
  deployment: Deployment,
): Made[] {
  const [first, ...more] = told;
  if (first === undefined) return [];
  const { allowance } = asked;
  if (allowance === null || more.length > 0) {
    const needed = allowance === null ? 0 : 1;
    throw new BridgeDistrusted("approvals", `${needed} of them`, `${told.length} of them`);
  }
  const needed = approval(allowance, deployment);
  checkCall(needed, from, first, "approvals[0].");
  return [needed];
}
