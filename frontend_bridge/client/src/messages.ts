// What is signed off the chain: made here from what was asked, and held against what the bridge
// made of the same.

import {
  domainSeparator,
  erc20Abi,
  type Hex,
  hashTypedData,
  type PublicClient,
  parseAbi,
  type TypedDataDomain,
} from "viem";
import { type Agreement, dealId, domainOf, sumOf } from "./agreement.js";
import type { Given, Subject } from "./calls.js";
import { check } from "./check.js";
import type { Deployment } from "./deployments.js";
import type { AgreementDocument } from "./documents.js";
import { BridgeDistrusted } from "./errors.js";
import type { components, paths } from "./generated/api.js";
import { TYPES } from "./generated/typed-data.js";
import type { MESSAGES } from "./generated/words.js";
import { held } from "./holdings.js";
import type { BodyOf } from "./http.js";

/** The name of a message. */
export type MessageKind = keyof typeof MESSAGES;

type MessageBody<K extends MessageKind> = `/v1/typed-data/${K}` extends keyof paths
  ? BodyOf<`/v1/typed-data/${K}`>
  : never;

/** What a message takes; who signs terms must have their document. */
export type MessageArguments<K extends MessageKind> = Given<MessageBody<K>> &
  Subject &
  (K extends "agreement" | "amendment" ? { readonly document: AgreementDocument } : unknown);

/** EIP-712 typed data, as wallets take it. */
export interface Signable {
  readonly domain: TypedDataDomain;
  readonly types: Readonly<
    Record<string, readonly { readonly name: string; readonly type: string }[]>
  >;
  readonly primaryType: string;
  readonly message: Readonly<Record<string, unknown>>;
}

type Told = components["schemas"]["TypedData"];
type Values = Readonly<Record<string, unknown>>;
type Chain = Pick<PublicClient, "readContract">;

const NAMES = {
  agreement: "Agreement",
  amendment: "Amendment",
  settlement: "Settlement",
  voucher: "Voucher",
} as const;

/**
 * Returns a message, made of what was asked and of what the chain says.
 *
 * @param told What the bridge made of it: of a permit, the token's name and version are tried.
 * @throws BridgeDistrusted a permit is for another domain than the token's.
 */
export async function signable(
  chain: Chain,
  deployment: Deployment,
  kind: MessageKind,
  given: Values,
  agreement: Agreement,
  told: Told,
): Promise<Signable> {
  if (kind === "permit") return permit(chain, deployment, given, agreement, told);
  const primaryType = NAMES[kind];
  const message = await fields(chain, deployment, kind, given, agreement);
  return { domain: domainOf(deployment), types: typesOf(primaryType), primaryType, message };
}

async function fields(
  chain: Chain,
  deployment: Deployment,
  kind: Exclude<MessageKind, "permit">,
  given: Values,
  agreement: Agreement,
): Promise<Values> {
  if (kind === "agreement") return agreement;
  const deal = dealId(agreement, deployment);
  const { index, paid_total, freelancer_amounts, expiry } = given;
  if (kind === "voucher") return { deal, index: BigInt(index as number), paid_total, expiry };
  const indexes = (given["indexes"] as readonly number[]).map(BigInt);
  if (kind === "settlement") {
    const remaining = await held(chain, deployment, agreement, given["indexes"] as number[]);
    return { deal, indexes, freelancer_amounts, remaining, expiry };
  }
  const moved = await held(chain, deployment, agreement);
  return { old: deal, new: given["new"], indexes, moved, expiry };
}

/** Returns the types that a struct needs: itself, and those that it refers to. */
function typesOf(name: keyof typeof TYPES): Signable["types"] {
  const found: Record<string, (typeof TYPES)[keyof typeof TYPES]> = { [name]: TYPES[name] };
  for (const { type } of TYPES[name]) {
    const struct = type.replace("[]", "");
    if (struct in TYPES) Object.assign(found, typesOf(struct as keyof typeof TYPES));
  }
  return found;
}

// --- The permit, which is the token's

const PERMIT = {
  Permit: [
    { name: "owner", type: "address" },
    { name: "spender", type: "address" },
    { name: "value", type: "uint256" },
    { name: "nonce", type: "uint256" },
    { name: "deadline", type: "uint256" },
  ],
} as const;
const PERMIT_ABI = parseAbi(["function nonces(address owner) view returns (uint256)"]);
const SEPARATOR_ABI = parseAbi(["function DOMAIN_SEPARATOR() view returns (bytes32)"]);

async function permit(
  chain: Chain,
  deployment: Deployment,
  given: Values,
  agreement: Agreement,
  told: Told,
): Promise<Signable> {
  const { token, employer } = agreement;
  const [name, nonce, separator] = await Promise.all([
    chain.readContract({ address: token, abi: erc20Abi, functionName: "name" }),
    chain.readContract({
      address: token,
      abi: PERMIT_ABI,
      functionName: "nonces",
      args: [employer],
    }),
    chain.readContract({ address: token, abi: SEPARATOR_ABI, functionName: "DOMAIN_SEPARATOR" }),
  ]);
  const said = (told.typed_data as { domain?: { version?: unknown } }).domain?.version;
  // Not every token tells its version: what the bridge says is tried against the token's own hash.
  const version = String(said);
  const domain = { name, version, chainId: deployment.chainId, verifyingContract: token };
  check("typed_data.domain", separator, domainSeparator({ domain }));
  return {
    domain,
    types: PERMIT,
    primaryType: "Permit",
    message: {
      owner: employer,
      spender: deployment.escrow,
      value: sumOf(agreement, given["indexes"] as readonly number[]),
      nonce,
      deadline: given["deadline"],
    },
  };
}

// --- Against the bridge

/**
 * Does nothing if the bridge made the same message.
 *
 * @throws BridgeDistrusted with the first thing that differs.
 */
export function checkMessage(asked: Signable, told: Told): Hex {
  const { types, primaryType, domain, message } = told.typed_data as Record<string, unknown>;
  check("typed_data.primaryType", asked.primaryType, primaryType);
  checkFields("typed_data.domain", asked.domain as Values, domain);
  const { EIP712Domain: _, ...structs } = types as Record<string, unknown>;
  for (const name of new Set([...Object.keys(asked.types), ...Object.keys(structs)])) {
    check(`typed_data.types.${name}`, asked.types[name], structs[name]);
  }
  checkFields("typed_data.message", asked.message, message);
  const digest = hashTypedData(asked as Parameters<typeof hashTypedData>[0]);
  check("digest", digest, told.digest);
  return digest;
}

function checkFields(path: string, asked: unknown, told: unknown): void {
  if (typeof asked !== "object" || asked === null) {
    const [one, other] = [asked, told].map((each) => String(each).toLowerCase());
    if (one !== other) throw new BridgeDistrusted(path, asked, told);
    return;
  }
  if (typeof told !== "object" || told === null) throw new BridgeDistrusted(path, asked, told);
  for (const name of new Set([...Object.keys(asked), ...Object.keys(told)])) {
    const [one, other] = [asked, told].map((each) => (each as Record<string, unknown>)[name]);
    checkFields(Array.isArray(asked) ? `${path}[${name}]` : `${path}.${name}`, one, other);
  }
}
