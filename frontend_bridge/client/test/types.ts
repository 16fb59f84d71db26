// What the compiler refuses: checked by `make check`, and never run.

import type { Agreement, AgreementDocument, Bridge, EscrowClient } from "milestone-escrow-client";
import type { Hex } from "viem";

export async function refused(
  client: EscrowClient,
  bridge: Bridge,
  agreement: Agreement,
  document: AgreementDocument,
  deal_id: Hex,
): Promise<void> {
  const terms = { agreement, expiry: 1n };
  // @ts-expect-error there is no such call
  await client.prepare("steal", { agreement });
  // @ts-expect-error a deal is named once
  await client.prepare("release", { agreement, deal_id, indexes: [0] });
  // @ts-expect-error it must be named
  await client.prepare("release", { indexes: [0] });
  // @ts-expect-error indexes are small
  await client.prepare("release", { agreement, indexes: [0n] });
  // @ts-expect-error amounts are exact
  await client.prepare("release_part", { agreement, index: 0, amount: 1.5 });
  // @ts-expect-error the other side's signature goes along
  await client.prepare("settle", { ...terms, indexes: [0], freelancer_amounts: [1n] });
  // @ts-expect-error hashes are hexadecimal
  await client.prepare("request_cancel", { agreement, note: "please" });
  // @ts-expect-error who signs terms has their document
  await client.sign("agreement", { agreement });
  // @ts-expect-error so has who signs others
  await client.sign("amendment", { ...terms, new: agreement, indexes: [0] });
  // @ts-expect-error only what was prepared is sent
  await client.send({ to: deal_id, data: deal_id });
  // @ts-expect-error there is no such path
  await bridge.http.get("/v1/secrets");
  // @ts-expect-error it has no pages
  await bridge.each("/v1/contract").next();

  await client.sign("agreement", { agreement, document });
  await client.prepare("request_cancel", { deal_id });
  const { data } = await bridge.deal(deal_id);
  const raw: string = data.price.raw;
  const status: "released" | "agreed" | string = data.milestones[0]?.status ?? raw;
  // @ts-expect-error there may be none
  data.milestones[0].status satisfies string;
  status satisfies string;
}
