// What is read by name, page after page, and in the bridge's own words where it refuses.

import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import {
  type Agreement,
  agreementFromJson,
  agreementToJson,
  Bridge,
  BridgeProblem,
  checkDocument,
  DEPLOYMENTS,
  dealId,
  decodeRevert,
  deploymentOn,
  documentHash,
  held,
  milestoneEscrowAbi,
  REVERTS,
  verifyDeployment,
} from "milestone-escrow-client";
import { encodeErrorResult, type Hex, zeroAddress } from "viem";
import { accounts, as, bound, chain, level, world } from "./world.ts";

const bridge = new Bridge(world.bridge);
const COUNT = 5;
const made: Agreement[] = [];
let id: Hex;

describe("what a bridge tells", () => {
  before(async () => {
    for (let number = 0; number < COUNT; number += 1) made.push(await bound([0]));
    const [first] = made as [Agreement];
    const employer = await as("employer");
    id = employer.dealId(first);
    await employer.execute("release_part", { agreement: first, index: 0, amount: 100_000n });
    await level();
  });

  describe("reads", () => {
    it("deals come page after page, each once", async () => {
      const found: string[] = [];
      for await (const deal of bridge.deals({ party: accounts.employer.address, limit: 2 })) {
        found.push(deal.id);
        if (found.length === COUNT) break;
      }
      const { escrow } = world;
      const ids = made.map((each) => dealId(each, { chainId: world.chainId, escrow }));
      assert.deepEqual(found, ids.reverse());
    });

    it("events come page after page to the end", async () => {
      const names = [];
      for await (const event of bridge.events(id)) names.push(event.name);
      assert.deepEqual(names, ["Opened", "Accepted", "Funded", "Released", "Credited"]);
    });

    it("a deal, its milestone, its ledger and what may be done", async () => {
      const { data, block } = await bridge.deal(id);
      assert.equal(data.milestones[0]?.paid.raw, "100000");
      assert.ok(block.number > 0 && block.chain_id === world.chainId);
      assert.equal((await bridge.milestone(id, 0)).data.remaining.raw, "500000");
      assert.equal((await bridge.ledger(id)).data.held.raw, "500000");
      const { actions } = (await bridge.actions(id, accounts.employer.address)).data;
      const release = actions.find((each) => each.call === "release" && each.milestone === 0);
      assert.equal(release?.allowed, true);
      const account = (await bridge.account(accounts.platform.address)).data;
      assert.ok(account.credits.some((each) => each.token.address === zeroAddress));
      assert.equal((await bridge.contract()).data.escrow, world.escrow);
    });

    it("what a deal holds is the chain's word", async () => {
      const { deployment } = await as("employer");
      assert.equal(await held(chain, deployment, made[0] as Agreement), 500_000n);
    });

    it("a deal that nobody knows is a problem", async () => {
      const unknown: Hex = `0x${"00".repeat(32)}`;
      await assert.rejects(bridge.deal(unknown), (error) => {
        assert.ok(error instanceof BridgeProblem, String(error));
        assert.deepEqual([error.status, error.code], [404, "unknown-deal"]);
        assert.equal(error.type, "urn:milestone-escrow:problem:unknown-deal");
        assert.equal(error.detail, error.message);
        assert.ok(error.remedy.endsWith("."));
        return true;
      });
      assert.equal(await bridge.dealIfKnown(unknown), null);
      assert.equal((await bridge.dealIfKnown(id))?.data.id, id);
    });

    it("something else than a bridge is told from one", async () => {
      const answers = [
        new Response("<html>", { status: 502 }),
        new Response("<html>", { status: 200 }),
        new Response("{}", { status: 500 }),
      ];
      for (const answer of answers) {
        const other = new Bridge(world.bridge, { fetch: async () => answer });
        await assert.rejects(other.contract(), { name: "BridgeUnavailable", code: "bad-answer" });
      }
      const nobody = new Bridge("http://127.0.0.1:1");
      await assert.rejects(nobody.contract(), { name: "BridgeUnavailable", code: "no-answer" });
    });

    it("a request ends with its signal, for its reason, and after its time", async () => {
      const reason = new Error("enough");
      const request = bridge.contract({ signal: AbortSignal.abort(reason) });
      await assert.rejects(request, (error) => error === reason);
      const never: typeof fetch = (_, init) =>
        new Promise((_resolve, reject) => {
          const open = setInterval(() => undefined, 1_000); // as a connection would be
          init?.signal?.addEventListener("abort", () => {
            clearInterval(open);
            reject(init.signal?.reason);
          });
        });
      const slow = new Bridge(world.bridge, { fetch: never, timeout: 20 });
      await assert.rejects(slow.contract(), { name: "BridgeUnavailable", code: "no-answer" });
    });

    it("what is kept is asked for by its ETag, and no more of it than was said", async () => {
      const statuses: number[] = [];
      const counting: typeof fetch = async (url, init) => {
        const response = await fetch(url, init);
        statuses.push(response.status);
        return response;
      };
      const keeping = new Bridge(world.bridge, { fetch: counting, kept: 1 });
      const first = await keeping.deal(id);
      assert.deepEqual(await keeping.deal(id), first);
      assert.deepEqual(statuses, [200, 304]);
      await keeping.ledger(id);
      await keeping.deal(id);
      assert.deepEqual(statuses, [200, 304, 200, 200]);
    });
  });

  describe("agreements and documents", () => {
    it("an agreement is the same in JSON and back, and its id is the contract's", async () => {
      const [agreement] = made as [Agreement];
      const told = (await bridge.deal(id)).data.agreement;
      assert.deepEqual(agreementToJson(agreement), told);
      assert.deepEqual(agreementFromJson(told), agreement);
      const there = await chain.readContract({
        address: world.escrow,
        abi: milestoneEscrowAbi,
        functionName: "deal_id",
        args: [agreement],
      });
      assert.equal(there, id);
    });

    it("a document's hash is the library's", () => {
      assert.equal(documentHash(world.document.json), world.document.hash);
      const turned = Object.fromEntries(Object.entries(world.document.json).reverse());
      assert.equal(documentHash(turned as typeof world.document.json), world.document.hash);
    });

    it("a document that does not fit, or hides something, is refused", () => {
      const { json } = world.document;
      const [first] = made as [Agreement];
      const [part] = first.milestones as [(typeof first.milestones)[0]];
      const fitting = (document: typeof json, changes: Partial<Agreement> = {}): Agreement => ({
        ...first,
        token: world.token,
        milestones: [part],
        document: documentHash(document),
        ...changes,
      });
      checkDocument(json, fitting(json));
      const refusals: [string, typeof json, Agreement][] = [
        ["document-hash", { ...json, scope: "Less" }, fitting(json)],
        ["document-milestones", json, fitting(json, { milestones: [part, part] })],
        ["document-currency", json, fitting(json, { token: zeroAddress })],
      ];
      for (const scope of ["\u202enecaps", "bell\u0007", "cafe\u0301"]) {
        refusals.push(["document-text", { ...json, scope }, fitting({ ...json, scope })]);
      }
      for (const [code, document, agreement] of refusals) {
        assert.throws(() => checkDocument(document, agreement), { name: "InputError", code });
      }
    });
  });

  describe("deployments and reverts", () => {
    const entry = (contract: string, address: string, chain_id = 5) => ({
      ...{ contract, address, chain_id, genesis_hash: "0xaa", block_number: 7 },
    });

    it("the newest escrow of a list, and the notes that follow it", () => {
      const list = [
        entry("MilestoneEscrow", world.token),
        entry("DealNotes", world.token),
        entry("MilestoneEscrow", world.escrow.toLowerCase()),
        { ...entry("DealNotes", world.permitToken), genesis_hash: "0xbb" },
        entry("DealNotes", world.notes),
        entry("MilestoneEscrow", world.token, 6),
      ];
      const { escrow, notes } = world;
      const found = { chainId: 5, escrow, notes, fromBlock: 7 };
      assert.deepEqual(deploymentOn(5, list, "0xaa"), found);
      assert.equal(deploymentOn(6, list).notes, null);
      assert.throws(() => deploymentOn(7, list), { code: "no-deployment" });
      assert.throws(() => deploymentOn(5, list, "0xcc"), { code: "no-deployment" });
      assert.throws(() => deploymentOn(1), { code: "no-deployment" });
      assert.deepEqual(DEPLOYMENTS, {});
    });

    it("an escrow of another chain's domain is none", async () => {
      const { deployment } = await as("employer");
      await verifyDeployment(chain, { ...deployment, notes: null });
      const faked = { ...chain, getChainId: async () => 5 };
      const there = { ...deployment, chainId: 5 };
      await assert.rejects(verifyDeployment(faked, there), { code: "no-escrow" });
    });

    it("reverts are told in the library's words", () => {
      const abi = milestoneEscrowAbi;
      const ours = decodeRevert(encodeErrorResult({ abi, errorName: "RulingOver" }));
      assert.equal(ours.error, "RulingOver");
      assert.equal(ours.message, REVERTS.RulingOver.sentence);
      assert.equal(ours.remedy, REVERTS.RulingOver.remedy);
      const said = (text: string) =>
        decodeRevert(
          encodeErrorResult({
            abi: [{ type: "error", name: "Error", inputs: [{ name: "", type: "string" }] }],
            errorName: "Error",
            args: [text],
          }),
        );
      assert.equal(said("no $& money").message.includes("“no $& money”"), true);
      assert.match(said("\u202eevil\u0007").message, /“\ufffdevil\ufffd”/);
      assert.ok(said("a".repeat(1_000)).message.length < 300);
      const panic = (number: bigint) =>
        decodeRevert(`0x4e487b71${number.toString(16).padStart(64, "0")}`);
      assert.match(panic(0x11n).message, /too large or too small \(panic 0x11\)/);
      assert.match(panic(0x99n).message, /0x99/);
      assert.equal(decodeRevert("0x").error, "NoReason");
      assert.match(decodeRevert("0xdeadbeef00").message, /0xdeadbeef/);
      assert.equal(decodeRevert("0x08c379a0ff").error, "UnknownError");
    });
  });
});
