// The example of the README does what it says.

import assert from "node:assert/strict";
import { it } from "node:test";
import { Bridge } from "milestone-escrow-client";
import { firstMilestone } from "../examples/first_milestone.ts";
import { listening } from "../examples/listening.ts";
import { reading } from "../examples/reading.ts";
import {
  accounts,
  agree,
  as,
  bound,
  chain,
  documentOf,
  level,
  until,
  walletOf,
  world,
} from "./world.ts";

it("ten lines lead to a released milestone", async () => {
  const agreement = await agree();
  const { milestones, accept_by } = agreement;
  const id = await firstMilestone({
    bridge: world.bridge,
    chain,
    employer: walletOf(accounts.employer),
    freelancer: walletOf(accounts.freelancer),
    document: documentOf(agreement),
    milestones,
    accept_by,
  });
  await level();
  const { data } = await (await as("stranger")).bridge.deal(id);
  assert.deepEqual(
    data.milestones.map((each) => each.status),
    ["released", "agreed", "agreed"],
  );
});

it("what is read and heard is of the deal that was asked for", async () => {
  const bridge = new Bridge(world.bridge);
  const stop = new AbortController();
  let [connected, told] = [false, 0];
  // The same bridge, but that the test knows how far it is.
  async function* live(): ReturnType<Bridge["live"]> {
    const onState = () => {
      connected = true;
    };
    for await (const event of bridge.live({ signal: stop.signal, onState })) {
      if (event.kind === "event") told += 1;
      yield event;
    }
  }
  const hearing = listening(Object.assign(new Bridge(world.bridge), { live }), stop.signal, () =>
    assert.fail("There was no reset."),
  );
  await until(() => connected);
  const agreement = await bound();
  await level();
  const id = (await as("employer")).dealId(agreement);
  const found = await reading(bridge, accounts.employer.address, id, "nothing of the kind");
  assert.equal(found.held.raw, "1000000");
  assert.ok(found.found.includes(id));
  assert.ok(found.actions.some((each) => each.call === "release" && each.allowed));
  await until(() => told >= 5);
  stop.abort();
  const heard = [...(await hearing).values()];
  assert.ok(heard.some((each) => each.kind === "event" && each.deal_id === id));
});

it("it is no longer than it says", async () => {
  const { readFile } = await import("node:fs/promises");
  const text = await readFile(new URL("../examples/first_milestone.ts", import.meta.url), "utf8");
  const body = text.slice(text.indexOf("Job) {\n") + 7, text.lastIndexOf("  return")).trim();
  assert.ok(body.split("\n").length <= 10);
});
