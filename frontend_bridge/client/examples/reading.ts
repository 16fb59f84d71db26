import type { Bridge } from "milestone-escrow-client";
import type { Address, Hex } from "viem";

export async function reading(bridge: Bridge, party: Address, id: Hex, text: string) {
  const found = [];
  // A list comes page after page; deals by name, any other list of the API by its path.
  for await (const deal of bridge.deals({ party, status: "active" })) found.push(deal.id);
  for await (const job of bridge.each("/v1/jobs", {}, { text })) found.push(job.title);
  // What, at which block, and how final that is; and what party may do now, and why not the rest.
  const { data, block } = await bridge.deal(id);
  const { actions } = (await bridge.actions(id, party)).data;
  // Any path of the API, its answer typed.
  const ledger = await bridge.http.get("/v1/deals/{id}/ledger", { id });
  return { found, status: data.status, block, actions, held: ledger.data.held };
}
