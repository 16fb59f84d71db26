// Every call of both contracts: prepared, checked, signed, sent, and seen in the API and live.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { CALLS, type CallName, type LiveEvent } from "milestone-escrow-client";
import { erc20Abi } from "viem";
import { ERRANDS } from "./errands.ts";
import { accounts, as, chain, until, world } from "./world.ts";

const heard: LiveEvent[] = [];
const stop = new AbortController();
let listening: Promise<void>;

/** Returns the names of what was heard of a transaction. */
function heardOf(hash: string): string[] {
  return heard.flatMap((each) =>
    each.kind === "event" && each.tx_hash === hash ? [each.name ?? ""] : [],
  );
}

describe("what is prepared is checked, signed, sent and seen", () => {
  before(async () => {
    const { bridge } = await as("stranger");
    let open = false;
    listening = (async () => {
      const onState = () => {
        open = true;
      };
      for await (const event of bridge.live({ signal: stop.signal, onState })) heard.push(event);
    })();
    await until(() => open);
  });

  after(async () => {
    stop.abort();
    await listening;
  });

  for (const name of Object.keys(ERRANDS) as CallName[]) {
    it(name, async () => {
      const errand = await ERRANDS[name]();
      const client = await as(errand.by);
      const prepared = await client.prepare(name, errand.given as never);
      assert.equal(prepared.sentence, CALLS[name].does);
      assert.equal(prepared.final, CALLS[name].final);
      const sent = await client.send(prepared);
      const hash = sent.transactions.at(-1)?.hash ?? "0x";
      const transaction = await chain.getTransaction({ hash });
      assert.equal(transaction.input, prepared.transactions.at(-1)?.data);
      await until(() => heardOf(hash).length >= errand.events.length);
      await client.bridge.levelWith(sent.blockNumber);
      assert.deepEqual(heardOf(hash).sort(), [...errand.events].sort());
      if (prepared.agreement === null) return;
      const told = [];
      const ids = [client.dealId(prepared.agreement)];
      const next = (errand.given as { new?: typeof prepared.agreement }).new;
      if (next !== undefined) ids.push(client.dealId(next));
      for (const id of ids) {
        for await (const each of client.bridge.events(id)) {
          if (each.tx_hash === hash) told.push(each.name);
        }
      }
      assert.deepEqual(told.sort(), [...errand.events].sort());
    });
  }

  it("there is an errand for every call", () => {
    assert.deepEqual(Object.keys(ERRANDS).sort(), Object.keys(CALLS).sort());
  });

  it("the approval is of the escrow, in raw units", async () => {
    const allowed = await chain.readContract({
      address: world.token,
      abi: erc20Abi,
      functionName: "allowance",
      args: [accounts.freelancer.address, world.escrow],
    });
    assert.equal(allowed, 12_500_000n);
  });
});
