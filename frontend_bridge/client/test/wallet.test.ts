// What wallets are asked, in which order, and what becomes of a refusal.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ContractRevert, EscrowClient, WalletError } from "milestone-escrow-client";
import { createWalletClient, erc20Abi, http } from "viem";
import { lying } from "./lying.ts";
import { Provider } from "./wallets.ts";
import {
  accepted,
  accounts,
  agree,
  as,
  bound,
  chain,
  connect,
  documentOf,
  network,
  WORD,
  walletOf,
  world,
} from "./world.ts";

function over(provider: Provider, options: object = {}): Promise<EscrowClient> {
  const wallet = provider.wallet();
  return EscrowClient.connect({ bridge: world.bridge, chain, wallet, ...options });
}

async function job() {
  const agreement = await agree({ token: world.token });
  return { agreement, indexes: [0, 1], signature: await accepted(agreement) };
}

describe("approvals and batches", () => {
  it("a wallet that takes batches gets one, as it was made here", async () => {
    const provider = new Provider("employer", true);
    const fetch = lying("/v1/prepare/fund", ["data.batch.calls", () => []]);
    const client = await over(provider, { http: { fetch } });
    const prepared = await client.prepare("fund", await job());
    const sent = await client.send(prepared);
    assert.equal(sent.batch, true);
    assert.equal(sent.transactions.length, 2);
    const [batch] = provider.batches;
    assert.deepEqual(
      batch?.calls.map(({ to, data }) => ({ to, data })),
      prepared.transactions.map(({ to, data }) => ({ to, data })),
    );
    assert.equal(Number(batch?.chainId), world.chainId);
    assert.equal(batch?.atomicRequired, false);
    assert.ok(!provider.methods.includes("eth_sendTransaction"));
  });

  it("any other wallet gets the approval, then the call", async () => {
    const provider = new Provider("employer", false);
    const client = await over(provider);
    const prepared = await client.prepare("fund", await job());
    assert.deepEqual(prepared.pays, { token: world.token, amount: 900_000n });
    const sent = await client.send(prepared);
    assert.equal(sent.batch, false);
    assert.equal(sent.transactions.length, 2);
    const asked = provider.methods.filter((each) => each === "eth_sendTransaction");
    assert.equal(asked.length, 2);
    const left = await chain.readContract({
      address: world.token,
      abi: erc20Abi,
      functionName: "allowance",
      args: [client.address, world.escrow],
    });
    assert.equal(left, 0n, "what was approved is used up");
  });

  it("a wallet that takes batches on another chain is asked for each", async () => {
    const provider = new Provider("employer", true);
    provider.batchingOn = 1;
    const client = await over(provider);
    const sent = await client.send(await client.prepare("fund", await job()));
    assert.deepEqual([sent.batch, sent.transactions.length], [false, 2]);
    assert.equal(provider.batches.length, 0);
  });

  it("whoever wants no batch gets none", async () => {
    const provider = new Provider("employer", true);
    const client = await over(provider);
    const sent = await client.execute("fund", await job(), { batch: false });
    assert.equal(sent.batch, false);
    assert.equal(provider.batches.length, 0);
  });

  it("a note and the call that it goes with are one batch", async () => {
    const provider = new Provider("freelancer", true);
    const client = await over(provider);
    const agreement = await bound();
    const report = await client.prepare("report", { agreement, index: 0, percent: 100 });
    const request = await client.prepare("request_release", {
      agreement,
      indexes: [0],
      evidence: WORD,
    });
    const sent = await client.send([report, request]);
    assert.deepEqual([sent.batch, sent.transactions.length], [true, 2]);
    assert.equal((await client.send([], {})).transactions.length, 0);
  });
});

describe("refusals", () => {
  it("a call that is refused now is refused by the bridge, in the contract's words", async () => {
    const client = await as("freelancer");
    const agreement = await bound();
    await assert.rejects(client.prepare("claim", { agreement, indexes: [0] }), {
      name: "BridgeProblem",
      status: 409,
      code: "NoRequest",
    });
  });

  it("what changed since it was prepared is refused before the wallet is asked", async () => {
    const provider = new Provider("employer", false);
    const client = await over(provider);
    const prepared = await client.prepare("release", { agreement: await bound(), indexes: [0] });
    await client.send(prepared);
    const asked = provider.methods.length;
    await assert.rejects(client.send(prepared), (error) => {
      assert.ok(error instanceof ContractRevert, String(error));
      assert.equal(error.error, "AlreadySettled");
      assert.ok(error.message.endsWith(".") && error.remedy.endsWith("."));
      return true;
    });
    assert.ok(!provider.methods.slice(asked).includes("eth_sendTransaction"));
  });

  it("a revert in a block is told in the contract's words", async () => {
    // The state moves between the estimate and the block.
    const late = { ...chain, estimateGas: async () => 200_000n };
    const wallet = walletOf(accounts.employer);
    const client = await EscrowClient.connect({ bridge: world.bridge, chain: late, wallet });
    const release = { agreement: await bound(), indexes: [0] };
    const calls = [
      await client.prepare("release", release),
      await client.prepare("release", release),
    ];
    const count = await chain.getTransactionCount({ address: client.address });
    await assert.rejects(client.send(calls), { name: "ContractRevert", error: "AlreadySettled" });
    assert.equal(await chain.getTransactionCount({ address: client.address }), count + 2);
  });

  it("a batch that reverts is told in the contract's words", async () => {
    const client = await over(new Provider("employer", true));
    const agreement = await bound();
    const release = { agreement, indexes: [0] };
    const calls = [
      await client.prepare("release", release),
      await client.prepare("release", release),
    ];
    await assert.rejects(client.send(calls), { name: "ContractRevert", error: "AlreadySettled" });
  });

  it("the owner of a wallet may say no", async () => {
    const provider = new Provider("employer", true);
    const client = await over(provider);
    const agreement = await bound();
    const prepared = await client.prepare("release", { agreement, indexes: [0] });
    provider.refused = "eth_sendTransaction";
    await assert.rejects(client.send(prepared), { name: "WalletError", code: "wallet-refused" });
    provider.refused = "wallet_sendCalls";
    await assert.rejects(client.send([prepared, prepared]), { code: "wallet-refused" });
    provider.refused = "eth_signTypedData_v4";
    const expiry = 2n ** 40n;
    const voucher = { agreement, index: 1, paid_total: 1n, expiry };
    await assert.rejects(client.sign("voucher", voucher), { code: "wallet-refused" });
  });

  it("a wallet on another chain is not asked", async () => {
    const elsewhere = { ...network, id: 1 };
    const wallet = createWalletClient({
      account: accounts.employer,
      chain: elsewhere,
      transport: http(world.rpc),
    });
    const client = await EscrowClient.connect({ bridge: world.bridge, chain, wallet });
    const agreement = await bound();
    const prepared = await client.prepare("release", { agreement, indexes: [0] });
    await assert.rejects(client.send(prepared), (error) => {
      assert.ok(error instanceof WalletError && error.code === "wrong-chain", String(error));
      return true;
    });
    const voucher = { agreement, index: 1, paid_total: 1n, expiry: 2n ** 40n };
    await assert.rejects(client.sign("voucher", voucher), { code: "wrong-chain" });
  });

  it("terms are signed by who they bind, with their document", async () => {
    const agreement = await agree();
    const client = await connect(accounts.freelancer);
    const other = await agree();
    const document = documentOf(agreement);
    await assert.rejects(client.sign("agreement", { agreement, document: documentOf(other) }), {
      code: "document-hash",
    });
    await assert.rejects(client.sign("agreement", { agreement } as never), { code: "no-document" });
    await assert.rejects((await as("employer")).sign("agreement", { agreement, document }), {
      code: "not-signer",
    });
    const signed = await client.sign("agreement", { agreement, document });
    assert.equal(signed.digest, client.dealId(agreement));
    assert.equal(signed.call, "fund");
  });
});
