// The chain and the bridge that pytest started, and who acts there.

import {
  type Agreement,
  type AgreementDocument,
  type AgreementTerms,
  buildAgreement,
  documentHash,
  EscrowClient,
  type HttpOptions,
} from "milestone-escrow-client";
import {
  type Account,
  type Address,
  createPublicClient,
  createTestClient,
  createWalletClient,
  defineChain,
  type Hex,
  http,
} from "viem";
import { mnemonicToAccount } from "viem/accounts";

/** What pytest tells. */
export interface World {
  readonly rpc: string;
  readonly bridge: string;
  /** Where one signs in at the bridge. */
  readonly origin: string;
  readonly chainId: number;
  readonly escrow: Address;
  readonly notes: Address;
  /** The employer has both tokens; the escrow may take neither. */
  readonly token: Address;
  readonly permitToken: Address;
  readonly document: { readonly json: AgreementDocument; readonly hash: Hex };
}

const told = process.env["ESCROW_CLIENT_WORLD"];
if (told === undefined) throw new Error("Start these tests by pytest: tests/client.");
export const world = JSON.parse(told) as World;

export const network = defineChain({
  id: world.chainId,
  name: "anvil",
  nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 },
  rpcUrls: { default: { http: [world.rpc] } },
});
export const POLLING = 10;
const transport = http(world.rpc);
export const chain = createPublicClient({ chain: network, transport, pollingInterval: POLLING });
export const node = createTestClient({ chain: network, transport, mode: "anvil" });

// Anvil's public accounts, in the order in which the tests' chain gives them roles.
const words = `${"test ".repeat(11)}junk`;
export const ROLES = ["employer", "freelancer", "platform", "arbiter", "stranger"] as const;
export type Role = (typeof ROLES)[number];
export const accounts = Object.fromEntries(
  ROLES.map((role, addressIndex) => [role, mnemonicToAccount(words, { addressIndex })]),
) as Record<Role, ReturnType<typeof mnemonicToAccount>>;

/** Returns a wallet of an account. */
export function walletOf<A extends Account>(account: A) {
  return createWalletClient({ account, chain: network, transport, pollingInterval: POLLING });
}

/** Returns a client for an account; its bridge is asked through `fetch` where one is given. */
export function connect(account: Account, options: HttpOptions = {}): Promise<EscrowClient> {
  return EscrowClient.connect({
    bridge: world.bridge,
    chain,
    wallet: walletOf(account),
    http: options,
  });
}

const clients = new Map<Role, Promise<EscrowClient>>();

/** Returns the client of a role. */
export function as(role: Role): Promise<EscrowClient> {
  const found = clients.get(role) ?? connect(accounts[role]);
  clients.set(role, found);
  return found;
}

export const DAY = 86_400n;
export const WORD: Hex = `0x${"ab".repeat(32)}`;

/** Returns the chain's time, unix seconds. */
export async function now(): Promise<bigint> {
  return (await chain.getBlock()).timestamp;
}

let numbers = 0;
const documents = new Map<Hex, AgreementDocument>();

/** Returns an agreement that was never used, on three milestones of 600, 300 and 100 thousand. */
export async function agree(changes: Partial<AgreementTerms> = {}): Promise<Agreement> {
  numbers += 1;
  const nonce: Hex = `0x${(BigInt(process.pid) * 1_000_000n + BigInt(numbers)).toString(16).padStart(64, "0")}`;
  const part = { title: "Part", scope: "", deliverable: "Work" };
  const document: AgreementDocument = {
    schema: "milestone-escrow/agreement-document/1",
    title: "A web shop",
    scope: "All of it",
    terms: "",
    currency: { symbol: "ETH", decimals: 18 },
    milestones: [part, part, part],
    nonce,
  };
  const time = await now();
  const agreement = buildAgreement({
    employer: accounts.employer.address,
    freelancer: accounts.freelancer.address,
    arbiter: accounts.arbiter.address,
    arbiter_bps: 500n,
    platform: accounts.platform.address,
    fee_bps: 250n,
    accept_by: time + 5n * DAY,
    document: documentHash(document),
    milestones: [600_000n, 300_000n, 100_000n].map((amount, at) => ({
      amount,
      deadline: time + BigInt(100 + 10 * at) * DAY,
    })),
    ...changes,
  });
  documents.set(agreement.document, document);
  return agreement;
}

/** Returns the document of an agreement that was made here. */
export function documentOf(agreement: Agreement): AgreementDocument {
  const found = documents.get(agreement.document);
  if (found === undefined) throw new Error("There is no such document.");
  return found;
}

/** Has the freelancer sign an agreement. */
export async function accepted(agreement: Agreement): Promise<Hex> {
  const freelancer = await as("freelancer");
  const given = { agreement, document: documentOf(agreement) };
  return (await freelancer.sign("agreement", given)).signature;
}

let queue: Promise<unknown> = Promise.resolve();

/** Does one thing after the other: a wallet's transactions are numbered. */
export function inTurn<T>(act: () => Promise<T>): Promise<T> {
  const turn = queue.then(act);
  queue = turn.catch(() => undefined);
  return turn;
}

/** Returns an agreement whose deal is bound and funded. */
export function bound(
  indexes: readonly number[] = [0, 1, 2],
  changes: Partial<AgreementTerms> = {},
): Promise<Agreement> {
  return inTurn(async () => {
    const agreement = await agree(changes);
    const signature = await accepted(agreement);
    await (await as("employer")).execute("fund", { agreement, indexes, signature });
    return agreement;
  });
}

/** Lets time pass, and the bridge know. */
export async function pass(seconds: bigint): Promise<void> {
  await node.increaseTime({ seconds: Number(seconds) });
  await node.mine({ blocks: 1 });
  await level();
}

/** Waits until the bridge knows all that was mined. */
export async function level(): Promise<void> {
  const { bridge } = await as("employer");
  // viem would give the number of some milliseconds ago.
  await bridge.levelWith(await chain.getBlockNumber({ cacheTime: 0 }));
}

/** Waits until it holds. */
export async function until(holds: () => boolean, patience = 60_000): Promise<void> {
  const end = Date.now() + patience;
  while (!holds()) {
    if (Date.now() > end) throw new Error("It does not come.");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
