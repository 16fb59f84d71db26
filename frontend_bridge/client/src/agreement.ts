// The agreement between employer and freelancer, as viem's ABI coder and as the bridge's JSON
// have it, and the deal id, which is its EIP-712 digest.

import {
  type Address,
  type ContractFunctionArgs,
  getAddress,
  type Hex,
  hashTypedData,
  zeroAddress,
  zeroHash,
} from "viem";
import { InputError } from "./errors.js";
import type { milestoneEscrowAbi } from "./generated/abi.js";
import type { components } from "./generated/api.js";
import { DOMAIN, TYPES } from "./generated/typed-data.js";

/** The contract's own struct: amounts in raw units, times in unix seconds, zero for nobody. */
export type Agreement = ContractFunctionArgs<typeof milestoneEscrowAbi, "view", "deal_id">[0];

/** The same as the bridge sends and takes it: integers are decimal strings. */
export type AgreementJson = components["schemas"]["Agreement"];

/** What an agreement needs beside its parties; the rest has usual values. */
export type AgreementTerms = Pick<Agreement, "employer" | "accept_by" | "document" | "milestones"> &
  Partial<Omit<Agreement, "price">>;

const USUAL_PERIOD = 30n * 86_400n;
const USUAL = {
  freelancer: zeroAddress,
  payee: zeroAddress,
  arbiter: zeroAddress,
  token: zeroAddress,
  platform: zeroAddress,
  fee_bps: 0n,
  arbiter_bps: 0n,
  review_period: USUAL_PERIOD,
  ruling_period: USUAL_PERIOD,
  fallback_freelancer_bps: 5_000n,
  supersedes: zeroHash,
} as const;

/**
 * Returns an agreement on the usual terms, its price summed from the milestones: nobody is hired
 * yet, the freelancer is its own payee, there is no arbiter and no platform, amounts are in the
 * native coin, review and ruling take 30 days, and the fallback gives each side half.
 */
export function buildAgreement(terms: AgreementTerms): Agreement {
  const { milestones } = terms;
  return { ...USUAL, ...terms, price: milestones.reduce((sum, part) => sum + part.amount, 0n) };
}

/** Returns an agreement as the bridge takes it. */
export function agreementToJson(agreement: Agreement): AgreementJson {
  const { milestones, ...plain } = agreement;
  const told = Object.fromEntries(
    TYPES.Agreement.flatMap(({ name, type }) => {
      if (name === "milestones") return [];
      const value = plain[name];
      return [[name, type === "address" ? getAddress(value as Address) : String(value)]];
    }),
  ) as Omit<AgreementJson, "milestones">;
  return {
    ...told,
    milestones: milestones.map((part) => ({
      amount: String(part.amount),
      deadline: String(part.deadline),
    })),
  };
}

/** Returns an agreement that the bridge sent. It is trusted for nothing: compare its deal id. */
export function agreementFromJson(told: AgreementJson): Agreement {
  const { milestones, ...plain } = told;
  const fields = TYPES.Agreement.flatMap(({ name, type }) => {
    if (name === "milestones") return [];
    return [[name, type === "uint256" ? BigInt(plain[name]) : plain[name]]];
  });
  return {
    ...(Object.fromEntries(fields) as Omit<Agreement, "milestones">),
    milestones: milestones.map((part) => ({
      amount: BigInt(part.amount),
      deadline: BigInt(part.deadline),
    })),
  };
}

/** Where signatures count: a chain, and the escrow on it. */
export interface Place {
  readonly chainId: number;
  readonly escrow: Address;
}

/** Returns the EIP-712 domain of an escrow. */
export function domainOf(place: Place) {
  return { ...DOMAIN, chainId: place.chainId, verifyingContract: place.escrow } as const;
}

/** Returns the id of the deal on an agreement; asks nobody. */
export function dealId(agreement: Agreement, place: Place): Hex {
  return hashTypedData({
    domain: domainOf(place),
    types: { Agreement: TYPES.Agreement, Milestone: TYPES.Milestone },
    primaryType: "Agreement",
    message: agreement,
  });
}

/** Returns the sum of milestones, raw units. */
export function sumOf(agreement: Agreement, indexes: readonly number[]): bigint {
  return indexes.reduce((sum, index) => {
    const part = agreement.milestones[index];
    if (part === undefined) {
      throw new InputError(
        "bad-index",
        `The agreement has no milestone ${index}.`,
        `Give indexes from 0 to ${agreement.milestones.length - 1}.`,
      );
    }
    return sum + part.amount;
  }, 0n);
}
