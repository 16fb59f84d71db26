// A bridge that lies is refused before the wallet is asked: one test a lie.

import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import {
  type Agreement,
  buildAgreement,
  type CallName,
  deploymentFrom,
  InputError,
  type MessageKind,
  milestoneEscrowAbi,
} from "milestone-escrow-client";
import { encodeFunctionData, erc20Abi, type Hex, maxUint256, zeroAddress } from "viem";
import { type Lie, lying, refused } from "./lying.ts";
import {
  accounts,
  agree,
  as,
  bound,
  connect,
  DAY,
  documentOf,
  level,
  now,
  type Role,
  world,
} from "./world.ts";

const THIEF = accounts.stranger.address;
let deal: Agreement;
let other: Agreement;
let job: Agreement; // in a token, not funded
let expiry: bigint;

async function idOf(agreement: Agreement): Promise<Hex> {
  return (await as("employer")).dealId(agreement);
}

describe("a bridge that lies is refused", () => {
  before(async () => {
    [deal, other, job] = [await bound(), await bound(), await agree({ token: world.token })];
    expiry = (await now()) + DAY;
    await level();
  });

  describe("calls", () => {
    const call = "data.prepared.transaction";

    /** A lie about a call that pays a part of a milestone. */
    function about(name: string, field: string, ...lies: readonly Lie[]): void {
      it(name, () =>
        refused("employer", "/v1/prepare/release_part", lies, field, (client) =>
          client.prepare("release_part", { agreement: deal, index: 0, amount: 1_000n }),
        ),
      );
    }

    function data(agreement: () => Agreement, index: bigint, amount: bigint): () => Hex {
      return () =>
        encodeFunctionData({
          abi: milestoneEscrowAbi,
          functionName: "release_part",
          args: [agreement(), index, amount],
        });
    }
    const same = () => deal;

    about("another contract", "transaction.to", [`${call}.to`, THIEF]);
    about("another sender", "transaction.from", [`${call}.from`, THIEF]);
    about("another chain", "transaction.chainId", [`${call}.chainId`, "0x1"]);
    about("coins sent along", "transaction.value", [`${call}.value`, "0x1"]);
    about("a value that is none", "transaction.value", [`${call}.value`, "lots"]);
    about("another amount", "arguments.amount", [`${call}.data`, data(same, 0n, 600_000n)]);
    about("another milestone", "arguments.index", [`${call}.data`, data(same, 1n, 1_000n)]);
    about("another deal", "arguments.agreement.document", [
      `${call}.data`,
      data(() => ({ ...deal, document: other.document }), 0n, 1_000n),
    ]);
    about("another payee", "arguments.agreement.payee", [
      `${call}.data`,
      data(() => ({ ...deal, payee: THIEF }), 0n, 1_000n),
    ]);
    about("a later deadline", "arguments.agreement.milestones[1].deadline", [
      `${call}.data`,
      data(
        () => ({
          ...deal,
          milestones: deal.milestones.map((part, at) =>
            at === 1 ? { ...part, deadline: part.deadline + 1n } : part,
          ),
        }),
        0n,
        1_000n,
      ),
    ]);
    about("another function", "function", [
      `${call}.data`,
      () =>
        encodeFunctionData({
          abi: milestoneEscrowAbi,
          functionName: "release",
          args: [deal, [0n]],
        }),
    ]);
    about("no calldata", "function", [`${call}.data`, "0x"]);
    about("bytes after the arguments", "transaction.data", [
      `${call}.data`,
      (was: string) => `${was}00`,
    ]);

    it("what it made is told in letters that can be read", async () => {
      const client = await connect(accounts.employer, {
        fetch: lying("/v1/prepare/release", [`${call}.to`, "\u202e\u00075C6fb6"]),
      });
      const asked = client.prepare("release", { agreement: deal, indexes: [0] });
      await assert.rejects(asked, { told: "\ufffd\ufffd5C6fb6" });
    });

    it("another list of milestones", () =>
      refused(
        "employer",
        "/v1/prepare/release",
        [
          [
            `${call}.data`,
            () =>
              encodeFunctionData({
                abi: milestoneEscrowAbi,
                functionName: "release",
                args: [deal, [0n, 1n]],
              }),
          ],
        ],
        "arguments.indexes",
        (client) => client.prepare("release", { agreement: deal, indexes: [0] }),
      ));

    it("the agreement of another deal in the place of the one that was named", async () => {
      const { agreement } = (await (await as("employer")).bridge.deal(await idOf(other))).data;
      const id = await idOf(deal);
      const lies: Lie[] = [["data.agreement", agreement]];
      await refused("employer", `/v1/deals/${id}`, lies, "agreement", (client) =>
        client.prepare("release", { deal_id: id, indexes: [0] }),
      );
    });

    it("a payment of an amendment that is larger than the difference", async () => {
      const next = await agree({ supersedes: await idOf(deal) });
      await refused(
        "employer",
        "/v1/prepare/amend",
        [[`${call}.value`, (was: Hex) => `0x${(BigInt(was) + 1n).toString(16)}`]],
        "transaction.value",
        async (client) => {
          // The freelancer's consent is asked for anew each time.
          const asked = { agreement: deal, new: next, indexes: [0, 1, 2], expiry };
          const document = documentOf(next);
          const signed = await (await as("freelancer")).sign("amendment", { ...asked, document });
          return client.prepare("amend", { ...asked, signature: signed.signature });
        },
      );
    });
  });

  describe("approvals", () => {
    const first = "data.approvals.0.transaction";

    function about(name: string, field: string, ...lies: readonly Lie[]): void {
      it(name, () =>
        refused("employer", "/v1/prepare/fund", lies, field, (client) =>
          client.prepare("fund", { agreement: job, indexes: [0] }),
        ),
      );
    }

    function approve(spender: Hex, amount: bigint): () => Hex {
      return () =>
        encodeFunctionData({ abi: erc20Abi, functionName: "approve", args: [spender, amount] });
    }

    about("without a limit", "approvals[0].arguments.amount", [
      `${first}.data`,
      approve(world.escrow, maxUint256),
    ]);
    about("of somebody else", "approvals[0].arguments.spender", [
      `${first}.data`,
      approve(THIEF, 600_000n),
    ]);
    about("of another token", "approvals[0].transaction.to", [`${first}.to`, world.permitToken]);
    about("with coins", "approvals[0].transaction.value", [`${first}.value`, "0x1"]);
    about("two of them", "approvals", ["data.approvals", (was: unknown[]) => [...was, ...was]]);

    it("for a call that needs none", () =>
      refused(
        "employer",
        "/v1/prepare/release",
        [["data.approvals", () => [{ transaction: { to: world.token, data: "0x" } }]]],
        "approvals",
        (client) => client.prepare("release", { agreement: deal, indexes: [0] }),
      ));
  });

  describe("messages", () => {
    function about<K extends MessageKind>(
      name: string,
      kind: K,
      role: Role,
      given: () => object,
      field: string,
      ...lies: readonly Lie[]
    ): void {
      it(name, () =>
        refused(role, `/v1/typed-data/${kind}`, lies, field, (client) =>
          client.sign(kind, given() as never),
        ),
      );
    }

    const voucher = () => ({ agreement: deal, index: 1, paid_total: 777n, expiry });
    const said = "data.typed_data";
    const field = `${said}.message`;
    const promise = (name: string, where: string, ...lies: readonly Lie[]) =>
      about(`voucher: ${name}`, "voucher", "employer", voucher, where, ...lies);

    promise("a larger sum", "typed_data.message.paid_total", [`${field}.paid_total`, "300000"]);
    promise("another milestone", "typed_data.message.index", [`${field}.index`, "0"]);
    promise("another deal", "typed_data.message.deal", [`${field}.deal`, `0x${"00".repeat(32)}`]);
    promise("a later expiry", "typed_data.message.expiry", [`${field}.expiry`, "99999999999"]);
    promise("one more field", "typed_data.message.more", [
      field,
      (was: object) => ({ ...was, more: "1" }),
    ]);
    promise("another chain", "typed_data.domain.chainId", [`${said}.domain.chainId`, 1]);
    promise("another escrow", "typed_data.domain.verifyingContract", [
      `${said}.domain.verifyingContract`,
      THIEF,
    ]);
    promise("another version", "typed_data.domain.version", [`${said}.domain.version`, "2"]);
    promise("another type", "typed_data.primaryType", [`${said}.primaryType`, "Settlement"]);
    promise("fields in another order", "typed_data.types.Voucher", [
      `${said}.types.Voucher`,
      (was: unknown[]) => [...was].reverse(),
    ]);
    promise("another digest", "digest", ["data.digest", `0x${"11".repeat(32)}`]);

    const settlement = () => ({
      agreement: deal,
      indexes: [1],
      freelancer_amounts: [1_000n],
      expiry,
    });
    about(
      "settlement: a larger share",
      "settlement",
      "employer",
      settlement,
      "typed_data.message.freelancer_amounts[0]",
      [`${field}.freelancer_amounts.0`, "300000"],
    );
    about(
      "settlement: what the milestones do not hold",
      "settlement",
      "employer",
      settlement,
      "typed_data.message.remaining",
      [`${field}.remaining`, "1"],
    );

    const terms = () => ({ agreement: job, document: documentOf(job) });
    about(
      "agreement: another payee",
      "agreement",
      "freelancer",
      terms,
      "typed_data.message.payee",
      [`${field}.payee`, THIEF],
    );
    about(
      "agreement: a smaller milestone",
      "agreement",
      "freelancer",
      terms,
      "typed_data.message.milestones[0].amount",
      [`${field}.milestones.0.amount`, "1"],
    );
    about(
      "agreement: fewer milestones",
      "agreement",
      "freelancer",
      terms,
      "typed_data.message.milestones[2]",
      [`${field}.milestones`, (was: unknown[]) => was.slice(0, 2)],
    );

    it("amendment: terms that are not the new ones", async () => {
      const next = await agree({ supersedes: await idOf(deal) });
      const given = {
        agreement: deal,
        new: next,
        indexes: [0, 1, 2],
        expiry,
        document: documentOf(next),
      };
      const lies: Lie[] = [[`${field}.new.price`, "1"]];
      await refused(
        "freelancer",
        "/v1/typed-data/amendment",
        lies,
        "typed_data.message.new.price",
        (client) => client.sign("amendment", given),
      );
    });

    const permitted = async () => ({
      agreement: buildAgreement({ ...job, token: world.permitToken }),
      indexes: [0],
      deadline: expiry,
    });
    const permits: readonly (readonly [string, string, Lie])[] = [
      ["a larger sum", "message.value", [`${field}.value`, maxUint256.toString()]],
      ["another spender", "message.spender", [`${field}.spender`, THIEF]],
      ["another nonce", "message.nonce", [`${field}.nonce`, "7"]],
      ["another token", "domain.verifyingContract", [`${said}.domain.verifyingContract`, THIEF]],
      ["another version", "domain", [`${said}.domain.version`, "9"]],
    ];
    for (const [name, where, lie] of permits) {
      it(`permit: ${name}`, () =>
        refused("employer", "/v1/typed-data/permit", [lie], `typed_data.${where}`, async (client) =>
          client.sign("permit", await permitted()),
        ));
    }
  });

  describe("the contracts", () => {
    function about(name: string, code: string, ...lies: readonly Lie[]): void {
      it(name, async () => {
        const fetch = lying("/v1/contract", ...lies);
        await assert.rejects(connect(accounts.employer, { fetch }), (error) => {
          assert.ok(error instanceof InputError, String(error));
          assert.equal(error.code, code);
          return true;
        });
      });
    }

    about("an escrow that is none", "no-escrow", ["data.escrow", world.token]);
    about("an escrow where nothing is", "no-escrow", ["data.escrow", THIEF]);
    about("notes that are none", "no-notes", ["data.notes", world.token]);
    about("another chain", "wrong-chain", ["data.chain_id", 1]);

    it("what is verified is what the bridge is of", async () => {
      const { bridge, deployment } = await as("employer");
      assert.deepEqual(await deploymentFrom(bridge), deployment);
      assert.equal(deployment.escrow, world.escrow);
      assert.equal(deployment.notes, world.notes);
    });
  });

  describe("what is not from prepare", () => {
    it("is not sent", async () => {
      const client = await as("employer");
      const prepared = await client.prepare("release", { agreement: deal, indexes: [2] });
      const changed = { ...prepared, name: "cancel" as CallName };
      await assert.rejects(client.send(changed), { code: "not-prepared" });
      const transactions = prepared.transactions as object[];
      assert.throws(() => Object.assign(transactions[0] ?? {}, { to: zeroAddress }), TypeError);
      assert.throws(() => transactions.push({ to: zeroAddress }), TypeError);
      assert.throws(() => Object.assign(prepared, { transactions: [] }), TypeError);
    });
  });
});
