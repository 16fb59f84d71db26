// Wallets as a page meets them: a provider (EIP-1193) that signs by itself and takes batches.

import {
  type Account,
  createWalletClient,
  custom,
  type EIP1193RequestFn,
  type Hex,
  numberToHex,
  type RpcTransactionRequest,
} from "viem";
import { accounts, chain, network, POLLING, type Role, walletOf } from "./world.ts";

interface Batch {
  readonly from: Hex;
  readonly chainId: Hex;
  readonly atomicRequired: boolean;
  readonly version: string;
  readonly calls: readonly { readonly to: Hex; readonly data: Hex; readonly value?: Hex }[];
}

/** A provider that was asked for things. */
export class Provider {
  readonly methods: string[] = [];
  readonly batches: Batch[] = [];
  /** Whether it takes batches. */
  readonly batching: boolean;
  /** The chain on which it takes them. */
  batchingOn = network.id;
  /** The method that its owner says no to. */
  refused: string | null = null;
  readonly #account: Account;
  readonly #hashes = new Map<string, Hex[]>();

  constructor(role: Role, batching: boolean) {
    this.#account = accounts[role];
    this.batching = batching;
  }

  /** Returns a wallet of viem over it. */
  wallet(address: Hex = this.#account.address) {
    const request = this.request as EIP1193RequestFn;
    const transport = custom({ request }, { retryCount: 0 });
    return createWalletClient({
      account: address,
      chain: network,
      transport,
      pollingInterval: POLLING,
    });
  }

  readonly request = async ({ method, params }: { method: string; params?: unknown }) => {
    this.methods.push(method);
    if (method === this.refused) throw coded(4001, "User rejected the request.");
    if (method.startsWith("wallet_") && !this.batching) throw coded(4200, "Unknown method.");
    const [first] = (params ?? []) as unknown[];
    if (method === "wallet_getCapabilities") return { [numberToHex(this.batchingOn)]: {} };
    if (method === "wallet_sendCalls") return this.#batch(first as Batch);
    if (method === "wallet_getCallsStatus") return this.#status(first as string);
    if (method === "eth_sendTransaction") return this.#send(first as RpcTransactionRequest);
    return chain.request({ method, params } as never);
  };

  async #batch(batch: Batch) {
    this.batches.push(batch);
    const hashes: Hex[] = [];
    for (const call of batch.calls) {
      const hash = await this.#send(call);
      await chain.waitForTransactionReceipt({ hash });
      hashes.push(hash);
    }
    const id = `0x${"b".repeat(63)}${this.batches.length}`;
    this.#hashes.set(id, hashes);
    return { id };
  }

  #send({ to, data, value }: Pick<RpcTransactionRequest, "to" | "data" | "value">): Promise<Hex> {
    return walletOf(this.#account).sendTransaction({
      ...{ to: to ?? null, data: data ?? "0x", value: BigInt(value ?? "0x0") },
      gas: 1_000_000n, // what would revert is mined, too
    });
  }

  async #status(id: string) {
    const hashes = this.#hashes.get(id) ?? [];
    const receipts = await Promise.all(
      hashes.map((hash) => chain.request({ method: "eth_getTransactionReceipt", params: [hash] })),
    );
    const failed = receipts.some((each) => each?.status !== "0x1");
    const status = failed ? 500 : 200;
    return {
      version: "2.0.0",
      id,
      chainId: numberToHex(network.id),
      status,
      atomic: false,
      receipts,
    };
  }
}

function coded(code: number, message: string): Error {
  return Object.assign(new Error(message), { code });
}
