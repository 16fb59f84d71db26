// Signing in with a wallet, and what is kept for who is signed in.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkSignIn, originOf } from "milestone-escrow-client";
import { lying, refused } from "./lying.ts";
import { accounts, bound, connect, documentOf, level, world } from "./world.ts";

const { origin } = world;

describe("signing in", () => {
  it("makes the bridge's requests this account's, until it signs out", async () => {
    const client = await connect(accounts.freelancer);
    const { http } = client.bridge;
    await assert.rejects(http.get("/v1/session"), { status: 401, code: "not-signed-in" });
    const session = await client.signIn(origin);
    assert.equal(session.address, client.address);
    assert.deepEqual((await http.get("/v1/session")).data, session);
    await client.signOut();
    assert.equal(http.token, null);
    await assert.rejects(http.get("/v1/session"), { status: 401 });
  });

  it("documents and comments are kept, and a key is done once", async () => {
    const client = await connect(accounts.freelancer);
    await client.signIn(origin);
    const { bridge } = client;
    const agreement = await bound();
    await level();
    const document = documentOf(agreement);
    await bridge.putDocument(document);
    assert.deepEqual(await bridge.document(agreement.document), document);
    const asked = {
      names: { id: client.dealId(agreement) },
      body: { text: "Hello." },
      key: crypto.randomUUID(),
    };
    const path = "/v1/deals/{id}/comments";
    const first = await bridge.http.ask("post", path, asked);
    const again = await bridge.http.ask("post", path, asked);
    assert.equal(again.data.hash, first.data.hash);
    assert.equal((await bridge.http.get(path, asked.names)).data.length, 1);
    const bytes = new TextEncoder().encode("Notes.");
    const file = { names: asked.names, body: bytes, media: "text/plain" };
    await bridge.http.ask("post", "/v1/deals/{id}/files", file);
    assert.equal((await bridge.http.get("/v1/deals/{id}/files", asked.names)).data.length, 1);
  });

  it("a document that is another one is refused", async () => {
    const agreement = await bound();
    await level();
    const hash = agreement.document;
    const fetch = lying(`/v1/documents/${hash}`, ["data.document.scope", "Twice as much"]);
    const client = await connect(accounts.freelancer, { fetch });
    await client.signIn(origin);
    await client.bridge.putDocument(documentOf(agreement));
    await assert.rejects(client.bridge.document(hash), {
      name: "BridgeDistrusted",
      field: "document",
    });
  });
});

describe("a text that is not what signs in", () => {
  const path = "/v1/sign-in/message";

  function about(name: string, field: string, change: (was: string) => string): void {
    it(name, () =>
      refused("employer", path, [["data.message", change]], `message.${field}`, (client) =>
        client.signIn(origin),
      ),
    );
  }

  about("for another place", "domain", (was) => was.replace(/^\S+/, "bank.example.org"));
  about("for another page", "uri", (was) =>
    was.replace(/URI: .*/, "URI: https://bank.example.org"),
  );
  about("for another account", "address", (was) =>
    was.replace(accounts.employer.address, accounts.stranger.address),
  );
  about("for another chain", "chainId", (was) => was.replace(/Chain ID: .*/, "Chain ID: 1"));
  about("that agrees to something", "statement", (was) =>
    was.replace("agrees to nothing", "agrees to everything"),
  );
  about("with a resource", "text", (was) => `${was}\nResources:\n- https://bank.example.org`);
  about("for a year", "Expiration Time", (was) =>
    was.replace(/(Expiration Time: )(\d{4})/, (_, head, year) => `${head}${Number(year) + 1}`),
  );
  about("without an end", "Expiration Time", (was) => was.replace(/\nExpiration Time: .*/, ""));
  about("with no chance in it", "Nonce", (was) => was.replace(/Nonce: .*/, "Nonce: 1"));

  it("is refused where the bridge has another name than was meant", async () => {
    const client = await connect(accounts.employer);
    await assert.rejects(client.signIn(), { name: "BridgeDistrusted", field: "message.domain" });
    assert.equal(originOf(`${world.bridge}/`), world.bridge);
  });

  it("a text of another library is none", () => {
    const place = { origin, address: accounts.employer.address, chainId: 1 };
    assert.throws(() => checkSignIn("Give me all your money.", place), { field: "message.domain" });
    assert.throws(() => checkSignIn("", place), { field: "message.domain" });
  });

  it("a session of somebody else is none", async () => {
    const fetch = lying("/v1/sign-in", ["data.session.address", accounts.stranger.address]);
    const client = await connect(accounts.employer, { fetch });
    await assert.rejects(client.signIn(origin), { field: "session.address" });
    assert.equal(client.bridge.http.token, null);
  });
});
