// Asking a wallet: for a batch where it takes one (EIP-5792), else for one transaction after the
// other; and waiting until each is in a block.

import {
  type Account,
  BaseError,
  type Chain,
  defineChain,
  type Hex,
  InsufficientFundsError,
  type PublicClient,
  type Transport,
  UserRejectedRequestError,
  type WalletCallReceipt,
  type WalletClient,
} from "viem";
import type { Transaction } from "./calls.js";
import { type ContractRevert, WalletError } from "./errors.js";
import { decodeRevert, revertOf } from "./reverts.js";

/** A wallet with an account: of a browser, or a local one. */
export type Wallet = WalletClient<Transport, Chain | undefined, Account>;

/** What is known of a transaction once it is in a block; a batch may be one of them. */
export interface Mined {
  readonly hash: Hex;
  readonly blockNumber: bigint;
  readonly gasUsed: bigint;
}

/** What was sent, in order. */
export interface Sent {
  readonly transactions: readonly Mined[];
  /** Whether the wallet took all of it as one batch. */
  readonly batch: boolean;
  /** Of the last block with a part of it: wait until a bridge is level with it. */
  readonly blockNumber: bigint;
}

/** Options of sending. */
export interface SendOptions {
  /** False: one transaction after the other, whatever the wallet can. */
  readonly batch?: boolean;
  /** Milliseconds to wait for a block; 180,000 by default. */
  readonly timeout?: number;
}

const TIMEOUT = 180_000;

/**
 * Sends transactions and waits until they are in blocks.
 *
 * @throws ContractRevert one is refused, before it is sent or in its block.
 * @throws WalletError the wallet refuses, or is on another chain (`wrong-chain`).
 */
export async function sendAll(
  chain: PublicClient,
  wallet: Wallet,
  transactions: readonly Transaction[],
  options: SendOptions = {},
): Promise<Sent> {
  const [first] = transactions;
  if (first === undefined) return { transactions: [], batch: false, blockNumber: 0n };
  await requireChain(wallet, first.chainId);
  const batch =
    transactions.length > 1 &&
    options.batch !== false &&
    (await takesBatches(wallet, first.chainId));
  const sent = batch
    ? await sendBatch(chain, wallet, transactions, options)
    : await sendEach(chain, wallet, transactions, options);
  return { transactions: sent, batch, blockNumber: sent.at(-1)?.blockNumber ?? 0n };
}

/**
 * Does nothing if a wallet is on a chain.
 *
 * @throws WalletError `wrong-chain`.
 */
export async function requireChain(wallet: Wallet, chainId: number): Promise<void> {
  const live = await wallet.getChainId().catch(refuse);
  if (live !== chainId || (wallet.chain !== undefined && wallet.chain.id !== chainId)) {
    throw new WalletError(
      "wrong-chain",
      `The wallet is on chain ${wallet.chain?.id ?? live}, and the escrow on chain ${chainId}.`,
      `Switch the wallet to chain ${chainId}.`,
    );
  }
}

/** Throws what a wallet's refusal means; anything else as it is. */
export function refuse(error: unknown): never {
  const reverted = revertOf(error);
  if (reverted !== null) throw reverted;
  if (error instanceof BaseError) {
    if (error.walk((each) => each instanceof UserRejectedRequestError) !== null) {
      throw new WalletError(
        "wallet-refused",
        "The wallet's owner said no.",
        "Nothing was sent; ask again when it is wanted.",
        { cause: error },
      );
    }
    if (error.walk((each) => each instanceof InsufficientFundsError) !== null) {
      throw new WalletError(
        "not-enough-funds",
        "The account cannot pay for the call and its gas.",
        "Give it more of the native coin.",
        { cause: error },
      );
    }
  }
  throw error;
}

// --- One after the other

async function sendEach(
  chain: PublicClient,
  wallet: Wallet,
  transactions: readonly Transaction[],
  options: SendOptions,
): Promise<Mined[]> {
  const sent: Mined[] = [];
  for (const transaction of transactions) {
    const { to, data, value } = transaction;
    const { account } = wallet;
    const call = { account: account.address, to, data, value };
    const needed = await chain.estimateGas(call).catch(refuse);
    // A quarter more: a push needs spare gas (EIP-150), and the state may have moved.
    const gas = needed + needed / 4n;
    const shared = { to, data, value, gas, chain: chainOf(wallet, transaction.chainId) };
    const hash = await wallet.sendTransaction({ account, ...shared }).catch(refuse);
    const receipt = await chain.waitForTransactionReceipt({
      hash,
      timeout: options.timeout ?? TIMEOUT,
    });
    if (receipt.status !== "success") throw await whyNot(chain, call, receipt.blockNumber);
    // A wallet may have replaced it by one that pays more for gas.
    const { transactionHash, blockNumber, gasUsed } = receipt;
    sent.push({ hash: transactionHash, blockNumber, gasUsed });
  }
  return sent;
}

/** Returns why a call reverted in a block, as far as the state after it still says so. */
async function whyNot(
  chain: PublicClient,
  call: { account: Hex; to: Hex; data: Hex; value: bigint },
  blockNumber: bigint,
): Promise<ContractRevert> {
  try {
    await chain.call({ ...call, blockNumber });
  } catch (error) {
    const found = revertOf(error);
    if (found !== null) return found;
  }
  return decodeRevert("0x");
}

// --- As a batch

/** Returns whether a wallet says that it takes batches on a chain; one that cannot tell, does not. */
async function takesBatches(wallet: Wallet, chainId: number): Promise<boolean> {
  if (wallet.account.type === "local") return false;
  try {
    const found: unknown = await wallet.getCapabilities({ account: wallet.account, chainId });
    return found !== undefined;
  } catch {
    return false;
  }
}

async function sendBatch(
  chain: PublicClient,
  wallet: Wallet,
  transactions: readonly Transaction[],
  options: SendOptions,
): Promise<Mined[]> {
  const [{ chainId }] = transactions as readonly [Transaction, ...Transaction[]];
  const { account } = wallet;
  const { id } = await wallet
    .sendCalls({
      account,
      chain: chainOf(wallet, chainId),
      calls: transactions.map(({ to, data, value }) => ({ to, data, value })),
    })
    .catch(refuse);
  const { status, receipts } = await wallet.waitForCallsStatus({
    id,
    pollingInterval: chain.pollingInterval,
    timeout: options.timeout ?? TIMEOUT,
  });
  const found: readonly WalletCallReceipt<bigint, "success" | "reverted">[] = receipts ?? [];
  if (status === "success" && found.every((each) => each.status === "success")) {
    return found.map(({ transactionHash, blockNumber, gasUsed }) => ({
      hash: transactionHash,
      blockNumber,
      gasUsed,
    }));
  }
  const last = found.at(-1);
  if (last === undefined) {
    throw new WalletError(
      "batch-failed",
      "The wallet took the batch, and none of it came into a block.",
      "Look into the wallet, then send one call after the other.",
    );
  }
  // Which call it was is not told: the first that is refused now is.
  for (const { to, data, value } of transactions) {
    const why = await whyNot(
      chain,
      { account: account.address, to, data, value },
      last.blockNumber,
    );
    if (why.error !== "NoReason") throw why;
  }
  throw decodeRevert("0x");
}

/** Returns the wallet's chain, or one by its id alone, which is all that viem compares. */
function chainOf(wallet: Wallet, id: number): Chain {
  return (
    wallet.chain ??
    defineChain({
      id,
      name: `chain ${id}`,
      nativeCurrency: { name: "native coin", symbol: "ETH", decimals: 18 },
      rpcUrls: { default: { http: [] } },
    })
  );
}
