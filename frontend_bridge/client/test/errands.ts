// For each call a deal in which it is due, who sends it with what, and what it logs.

import type { Agreement, CallArguments, CallName } from "milestone-escrow-client";
import { type Hex, parseSignature, zeroAddress } from "viem";
import {
  accepted,
  accounts,
  agree,
  as,
  bound,
  DAY,
  documentOf,
  level,
  now,
  pass,
  type Role,
  WORD,
  world,
} from "./world.ts";

/** A call to be sent. */
export interface Errand<N extends CallName = CallName> {
  readonly by: Role;
  readonly given: CallArguments<N>;
  /** Names of what it logs, in order. */
  readonly events: readonly string[];
}

const MONTH = 30n * DAY;

async function by(role: Role, name: CallName, given: object): Promise<void> {
  await (await as(role)).execute(name, given as never);
}

async function requested(): Promise<Agreement> {
  const agreement = await bound();
  await by("freelancer", "request_release", { agreement, indexes: [0] });
  return agreement;
}

async function disputed(): Promise<Agreement> {
  const agreement = await requested();
  await by("employer", "dispute", { agreement, index: 0 });
  return agreement;
}

async function reserved(): Promise<Agreement> {
  const agreement = await agree();
  await by("employer", "fund", { agreement, indexes: [0] });
  return agreement;
}

/** Lets the platform have a credit. */
async function credited(): Promise<void> {
  await by("employer", "release", { agreement: await bound([2]), indexes: [2] });
}

async function permit(): Promise<Omit<CallArguments<"fund_with_permit">, "deal_id">> {
  const agreement = await agree({ token: world.permitToken });
  const deadline = (await now()) + DAY;
  const employer = await as("employer");
  const { signature } = await employer.sign("permit", { agreement, indexes: [0], deadline });
  const { r, s, v } = parseSignature(signature);
  return { agreement, indexes: [0], deadline, v: Number(v), r, s };
}

async function amendment(): Promise<CallArguments<"amend">> {
  const agreement = await bound();
  const employer = await as("employer");
  // A fourth part of the price more, so that the employer pays a difference.
  const next = await agree({ supersedes: employer.dealId(agreement) });
  const milestones = next.milestones.map((part) => ({ ...part, amount: (part.amount * 5n) / 4n }));
  const price = milestones.reduce((sum, part) => sum + part.amount, 0n);
  const terms = { ...next, milestones, price };
  const asked = { agreement, new: terms, indexes: [0, 1, 2], expiry: (await now()) + DAY };
  await level();
  const freelancer = await as("freelancer");
  const { signature } = await freelancer.sign("amendment", {
    ...asked,
    document: documentOf(next),
  });
  return { ...asked, signature };
}

async function voucher(): Promise<CallArguments<"redeem">> {
  const agreement = await bound();
  const asked = { agreement, index: 1, paid_total: 777n, expiry: (await now()) + DAY };
  const { signature } = await (await as("employer")).sign("voucher", asked);
  return { ...asked, signature };
}

async function settlement(): Promise<CallArguments<"settle">> {
  const agreement = await bound();
  await level();
  const expiry = (await now()) + DAY;
  const asked = { agreement, indexes: [1, 2], freelancer_amounts: [1_000n, 100_000n], expiry };
  const { signature } = await (await as("freelancer")).sign("settlement", asked);
  return { ...asked, signature };
}

async function late(agreement: Agreement, days: bigint): Promise<Agreement> {
  await pass(days * DAY);
  return agreement;
}

async function idOf(agreement: Agreement): Promise<Hex> {
  await level();
  return (await as("employer")).dealId(agreement);
}

const paid = ["Released", "Credited"]; // the platform's fee is a credit

export const ERRANDS: { readonly [N in CallName]: () => Promise<Errand<N>> } = {
  fund: async () => {
    const agreement = await agree();
    const given = { agreement, indexes: [0, 2], signature: await accepted(agreement) };
    return { by: "employer", given, events: ["Opened", "Accepted", "Funded", "Funded"] };
  },
  fund_with_permit: async () => ({
    by: "employer",
    given: (await permit()) as CallArguments<"fund_with_permit">,
    events: ["Opened", "Funded"],
  }),
  accept: async () => ({
    by: "freelancer",
    given: { agreement: await reserved(), indexes: [0] },
    events: ["Accepted"],
  }),
  withdraw: async () => ({
    by: "employer",
    given: { deal_id: await idOf(await reserved()), indexes: [0] },
    events: ["Refunded"],
  }),
  amend: async () => ({
    by: "employer",
    given: await amendment(),
    events: [
      ...["Moved", "Moved", "Moved", "Superseded"],
      ...["Opened", "Accepted", "Funded", "Funded", "Funded"],
    ],
  }),
  request_release: async () => ({
    by: "freelancer",
    given: { agreement: await bound(), indexes: [0, 1], evidence: WORD },
    events: ["ReleaseRequested", "ReleaseRequested"],
  }),
  void_request: async () => ({
    by: "freelancer",
    given: { agreement: await requested(), indexes: [0] },
    events: ["RequestVoided"],
  }),
  release: async () => ({
    by: "employer",
    given: { deal_id: await idOf(await bound()), indexes: [1] },
    events: paid,
  }),
  release_part: async () => ({
    by: "employer",
    given: { agreement: await bound(), index: 0, amount: 1_234n },
    events: paid,
  }),
  redeem: async () => ({ by: "freelancer", given: await voucher(), events: paid }),
  cancel: async () => ({
    by: "freelancer",
    given: { agreement: await bound(), indexes: [2] },
    events: ["Refunded"],
  }),
  claim: async () => ({
    by: "stranger",
    given: { agreement: await late(await requested(), 31n), indexes: [0] },
    events: paid,
  }),
  dispute: async () => ({
    by: "employer",
    given: { agreement: await requested(), index: 0, reason: WORD },
    events: ["Disputed"],
  }),
  rule: async () => ({
    by: "arbiter",
    given: { agreement: await disputed(), index: 0, freelancer_amount: 250_000n },
    events: ["Credited", "Ruled", ...paid, "Refunded"],
  }),
  apply_fallback: async () => ({
    by: "stranger",
    given: { agreement: await late(await disputed(), MONTH / DAY + 1n), index: 0 },
    events: [...paid, "Refunded"],
  }),
  settle: async () => ({
    by: "employer",
    given: await settlement(),
    events: ["Released", "Credited", "Refunded", "Released"],
  }),
  settle_dormant: async () => ({
    by: "stranger",
    given: { agreement: await late(await bound(), 600n), indexes: [0] },
    events: ["Refunded"],
  }),
  keep_alive: async () => ({
    by: "employer",
    given: { agreement: await late(await bound(), 121n) },
    events: ["Active"],
  }),
  withdraw_credit: async () => {
    await credited();
    const given = { token: zeroAddress, to: accounts.stranger.address };
    return { by: "platform", given, events: ["CreditPaid"] };
  },
  pay_credit: async () => {
    await credited();
    const given = { token: zeroAddress, owner: accounts.platform.address };
    return { by: "stranger", given, events: ["CreditPaid"] };
  },
  request_funding: async () => ({
    by: "freelancer",
    given: { agreement: await bound([0]), indexes: [1] },
    events: ["FundingRequested"],
  }),
  report: async () => ({
    by: "freelancer",
    given: { agreement: await bound(), index: 0, percent: 60, evidence: WORD },
    events: ["Reported"],
  }),
  request_changes: async () => ({
    by: "employer",
    given: { agreement: await bound(), index: 0, note: WORD },
    events: ["ChangesRequested"],
  }),
  request_cancel: async () => ({
    by: "employer",
    given: { agreement: await bound(), note: WORD },
    events: ["CancelRequested"],
  }),
  submit_evidence: async () => ({
    by: "arbiter",
    given: { agreement: await bound(), index: 0, evidence: WORD },
    events: ["EvidenceSubmitted"],
  }),
  confirm_arbiter: async () => ({
    by: "arbiter",
    given: { agreement: await bound() },
    events: ["ArbiterConfirmed"],
  }),
  rate: async () => {
    const agreement = await bound();
    await by("employer", "release", { agreement, indexes: [0] });
    return { by: "employer", given: { agreement, score: 4, review: WORD }, events: ["Rated"] };
  },
  approve: async () => ({
    by: "freelancer",
    given: { token: world.token, amount: 12_500_000n },
    events: [],
  }),
};
