// What milestones hold on the chain: what a settlement splits and an amendment moves.

import type { PublicClient } from "viem";
import { type Agreement, dealId } from "./agreement.js";
import type { Deployment } from "./deployments.js";
import { milestoneEscrowAbi } from "./generated/abi.js";

const [AGREED, SETTLED] = [0n, 5n]; // of a milestone's status

/** Returns the raw units that milestones of a deal hold now, all of them by default. */
export async function held(
  chain: Pick<PublicClient, "readContract">,
  deployment: Deployment,
  agreement: Agreement,
  indexes: readonly number[] = [...agreement.milestones.keys()],
): Promise<bigint> {
  const deal = dealId(agreement, deployment);
  const states = await Promise.all(
    indexes.map((index) =>
      chain.readContract({
        address: deployment.escrow,
        abi: milestoneEscrowAbi,
        functionName: "milestone",
        args: [deal, BigInt(index)],
      }),
    ),
  );
  return states.reduce((sum, state, at) => {
    const amount = agreement.milestones[indexes[at] ?? -1]?.amount ?? 0n;
    const empty = state.status === AGREED || state.status === SETTLED;
    return empty ? sum : sum + amount - state.paid;
  }, 0n);
}
