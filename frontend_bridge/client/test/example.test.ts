// The example of the README does what it says.

import assert from "node:assert/strict";
import { it } from "node:test";
import { firstMilestone } from "../examples/first_milestone.ts";
import { accounts, agree, as, chain, documentOf, level, walletOf, world } from "./world.ts";

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

it("it is no longer than it says", async () => {
  const { readFile } = await import("node:fs/promises");
  const text = await readFile(new URL("../examples/first_milestone.ts", import.meta.url), "utf8");
  const body = text.slice(text.indexOf("Job) {\n") + 7, text.lastIndexOf("  return")).trim();
  assert.ok(body.split("\n").length <= 10);
});
