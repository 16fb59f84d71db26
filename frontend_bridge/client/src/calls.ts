// Every call of both contracts, and the approval: what it takes, and the transaction that it is.

import {
  type Abi,
  type AbiFunction,
  type AbiParameter,
  type Address,
  encodeFunctionData,
  erc20Abi,
  type Hex,
  zeroAddress,
  zeroHash,
} from "viem";
import { type Agreement, agreementToJson, sumOf } from "./agreement.js";
import type { Deployment } from "./deployments.js";
import { InputError } from "./errors.js";
import { dealNotesAbi, milestoneEscrowAbi } from "./generated/abi.js";
import type { components, paths } from "./generated/api.js";
import { CALLS } from "./generated/words.js";
import type { BodyOf } from "./http.js";

/** The name of a call: the contract's function. */
export type CallName = keyof typeof CALLS;

type CallBody<N extends CallName> = `/v1/prepare/${N}` extends keyof paths
  ? BodyOf<`/v1/prepare/${N}`>
  : never;

/** The values of a body of the bridge, as viem has them: integers of any size are bigints. */
export type Given<B> = {
  readonly [F in keyof B as F extends "from" | "deal_id" | "agreement" | "units"
    ? never
    : F]: Value<B[F]>;
};
type Value<T> = T extends Hex | number | readonly number[]
  ? T
  : T extends string
    ? bigint
    : T extends readonly string[]
      ? readonly bigint[]
      : T extends components["schemas"]["Agreement"]
        ? Agreement
        : never;

/** Which deal a call is about: by its id, once the index has it, or by its whole agreement. */
export type Subject =
  | { readonly deal_id: Hex; readonly agreement?: never }
  | { readonly agreement: Agreement; readonly deal_id?: never };

/** What a call takes, under the contract's own names; the sender is the wallet's account. */
export type CallArguments<N extends CallName> = Given<CallBody<N>> &
  (CallBody<N> extends { deal_id?: Hex } ? Subject : unknown);

/** A transaction without its sender. */
export interface Transaction {
  readonly to: Address;
  readonly data: Hex;
  /** Wei. */
  readonly value: bigint;
  readonly chainId: number;
}

/** What the sender pays with a call, or lets the escrow take. */
export interface Payment {
  /** Zero: the native coin. */
  readonly token: Address;
  /** Raw units. */
  readonly amount: bigint;
}

/** A call made here, from what was asked alone. */
export interface Made {
  readonly name: CallName;
  /** The agreement that it is about; null: it is about no deal. */
  readonly agreement: Agreement | null;
  /** In the order of the ABI. */
  readonly args: readonly unknown[];
  readonly transaction: Transaction;
  readonly pays: Payment | null;
  /** Raw units of the token that the escrow must be allowed to take before. */
  readonly allowance: Payment | null;
}

type Values = Readonly<Record<string, unknown>>;

const ABIS: Readonly<Record<string, Abi>> = {
  MilestoneEscrow: milestoneEscrowAbi,
  DealNotes: dealNotesAbi,
  ERC20: erc20Abi,
};
const SUBJECTS: readonly (string | undefined)[] = ["agreement", "old"];
const NOT_SENT = ["deal_id", "agreement"];

/** Returns the function of a call, as the ABI has it. */
export function functionOf(name: CallName): AbiFunction {
  const { contract, function: wanted } = CALLS[name];
  const found = ABIS[contract]?.find(
    (entry): entry is AbiFunction => entry.type === "function" && entry.name === wanted,
  );
  if (found === undefined) throw new Error(`The ABI has no ${wanted}.`);
  return found;
}

/** Returns whether a call is about a deal. */
export function aboutDeal(name: CallName): boolean {
  return SUBJECTS.includes(functionOf(name).inputs[0]?.name);
}

/**
 * Returns a call, made of what was asked.
 *
 * @param agreement Of the deal that it is about.
 * @param moved What the deal that an amendment ends still holds, raw units.
 * @throws InputError there are no notes (`no-notes`), or an index is none of the agreement's.
 */
export function made(
  name: CallName,
  given: Values,
  agreement: Agreement | null,
  deployment: Deployment,
  moved: bigint,
): Made {
  const item = functionOf(name);
  const values: Values = { ...given, agreement, old: agreement, spender: deployment.escrow };
  const args = item.inputs.map((input) => argument(input, values[input.name ?? ""]));
  const pays = payment(name, values, agreement, moved);
  const native = pays !== null && pays.token === zeroAddress;
  return {
    name,
    agreement,
    args,
    transaction: {
      to: home(name, values, deployment),
      data: encodeFunctionData({ abi: [item], functionName: item.name, args }),
      value: native ? pays.amount : 0n,
      chainId: deployment.chainId,
    },
    pays,
    allowance: native || name === "approve" || name === "fund_with_permit" ? null : pays,
  };
}

/** Returns the approval that must go before a call. */
export function approval(allowance: Payment, deployment: Deployment): Made {
  return made("approve", { ...allowance }, null, deployment, 0n);
}

function argument(input: AbiParameter, value: unknown): unknown {
  if (value === undefined) return input.type === "bytes" ? "0x" : zeroHash;
  if (input.type === "uint256") return BigInt(value as number | bigint);
  if (input.type === "uint256[]") return (value as (number | bigint)[]).map(BigInt);
  return value;
}

function home(name: CallName, values: Values, deployment: Deployment): Address {
  const { contract } = CALLS[name];
  if (contract === "ERC20") return values["token"] as Address;
  if (contract === "MilestoneEscrow") return deployment.escrow;
  if (deployment.notes === null) {
    throw new InputError(
      "no-notes",
      "No notes beside this escrow are known here.",
      "Name them in the deployment.",
    );
  }
  return deployment.notes;
}

function payment(
  name: CallName,
  values: Values,
  agreement: Agreement | null,
  moved: bigint,
): Payment | null {
  if (name === "approve")
    return { token: values["token"] as Address, amount: BigInt(values["amount"] as bigint) };
  if (agreement === null) return null;
  const indexes = values["indexes"] as readonly number[];
  let amount = 0n;
  if (name === "fund" || name === "fund_with_permit") amount = sumOf(agreement, indexes);
  if (name === "amend") amount = sumOf(values["new"] as Agreement, indexes) - moved;
  return amount > 0n ? { token: agreement.token, amount } : null;
}

/** Returns values as a body of the bridge has them, the deal by its whole agreement. */
export function bodyOf(given: Values, agreement: Agreement | null): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(given)) {
    if (value !== undefined && !NOT_SENT.includes(name)) body[name] = sent(value);
  }
  if (agreement !== null) body["agreement"] = agreementToJson(agreement);
  return body;
}

function sent(value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  if (Array.isArray(value)) return value.map(sent);
  if (typeof value === "object" && value !== null) return agreementToJson(value as Agreement);
  return value;
}
