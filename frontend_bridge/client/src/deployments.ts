// Where the contracts are, and whether they are what they are said to be.

import {
  type Address,
  concat,
  domainSeparator,
  getAddress,
  type Hex,
  isAddress,
  isAddressEqual,
  keccak256,
  numberToHex,
  type PublicClient,
  pad,
  size,
  slice,
} from "viem";
import { domainOf } from "./agreement.js";
import type { Bridge } from "./bridge.js";
import { InputError } from "./errors.js";
import { CODE } from "./generated/code.js";
import { DEPLOYMENTS } from "./generated/deployments.js";

/** An escrow on a chain, and the notes beside it. */
export interface Deployment {
  readonly chainId: number;
  readonly escrow: Address;
  /** Null: there are none, and no note can be sent. */
  readonly notes: Address | null;
  /** Nothing of it is in an earlier block. */
  readonly fromBlock: number;
}

/** An entry of the list of deployments that `escrow deploy` writes. */
export interface RegistryEntry {
  readonly contract: string;
  readonly address: string;
  readonly chain_id: number;
  readonly genesis_hash: string;
  readonly block_number: number;
}

/**
 * Returns the newest escrow on a chain in a list of deployments, with the notes that follow it.
 *
 * @param entries Of a file as `escrow deploy` writes it; without one, those of this package.
 * @param genesisHash Of block 0, where the list has several chains with this id.
 * @throws InputError `no-deployment`: there is none.
 */
export function deploymentOn(
  chainId: number,
  entries?: readonly RegistryEntry[],
  genesisHash?: string,
): Deployment {
  let found = entries === undefined ? DEPLOYMENTS[chainId] : undefined;
  for (const entry of entries ?? []) {
    const elsewhere = genesisHash !== undefined && entry.genesis_hash !== genesisHash;
    if (entry.chain_id !== chainId || elsewhere || !isAddress(entry.address)) continue;
    const address = getAddress(entry.address);
    if (entry.contract === "MilestoneEscrow") {
      found = { chainId, escrow: address, notes: null, fromBlock: entry.block_number };
    } else if (entry.contract === "DealNotes" && found !== undefined) {
      found = { ...found, notes: address };
    }
  }
  if (found === undefined) {
    throw new InputError(
      "no-deployment",
      `No escrow on chain ${chainId} is known here.`,
      "Name one, or take a bridge's and have it verified.",
    );
  }
  return found;
}

/** Returns the deployment that a bridge says it is of. It says so: let `verifyDeployment` look. */
export async function deploymentFrom(bridge: Bridge, signal?: AbortSignal): Promise<Deployment> {
  const { data } = await bridge.contract({ signal });
  return {
    chainId: data.chain_id,
    escrow: getAddress(data.escrow),
    notes: data.notes === null ? null : getAddress(data.notes),
    fromBlock: data.from_block,
  };
}

/**
 * Does nothing if the code at a deployment's addresses is that of this package's contracts, for
 * this chain, and the notes are this escrow's. What the node of `chain` says is believed.
 *
 * @throws InputError `wrong-chain`, `no-escrow`, `no-notes`.
 */
export async function verifyDeployment(
  chain: Pick<PublicClient, "getChainId" | "getCode">,
  deployment: Deployment,
): Promise<void> {
  const { chainId, escrow, notes } = deployment;
  const [live, code, beside] = await Promise.all([
    chain.getChainId(),
    chain.getCode({ address: escrow }),
    notes === null ? undefined : chain.getCode({ address: notes }),
  ]);
  if (live !== chainId) {
    throw new InputError(
      "wrong-chain",
      `The node is of chain ${live}, and the escrow of chain ${chainId}.`,
      "Ask a node of the escrow's chain.",
    );
  }
  const ends = concat([
    numberToHex(chainId, { size: 32 }),
    domainSeparator({ domain: domainOf(deployment) }),
  ]);
  if (!isCode(code, CODE.MilestoneEscrow, ends)) {
    throw new InputError(
      "no-escrow",
      `What is at ${escrow} on chain ${chainId} is not this version's escrow.`,
      "Send nothing there; check the address, and who named it.",
    );
  }
  if (notes !== null && !isCode(beside, CODE.DealNotes, pad(escrow))) {
    throw new InputError(
      "no-notes",
      `What is at ${notes} on chain ${chainId} are not the notes of that escrow.`,
      "Check the address, and who named it.",
    );
  }
}

function isCode(
  code: Hex | undefined,
  known: { readonly size: number; readonly hash: Hex },
  immutables: Hex,
): boolean {
  if (code === undefined || size(code) !== known.size + size(immutables)) return false;
  return (
    keccak256(slice(code, 0, known.size)) === known.hash &&
    slice(code, known.size) === immutables.toLowerCase()
  );
}

/** Returns whether two addresses are the same account. */
export function same(one: string, other: string): boolean {
  return isAddress(one, { strict: false }) && isAddress(other, { strict: false })
    ? isAddressEqual(one, other)
    : false;
}
