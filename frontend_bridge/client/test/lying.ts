// A bridge that lies, in front of the real one; and a wallet that counts how often it is asked.

import assert from "node:assert/strict";
import { BridgeDistrusted, type EscrowClient } from "milestone-escrow-client";
import type { Account } from "viem";
import { toAccount } from "viem/accounts";
import { accounts, connect, type Role } from "./world.ts";

/** Where in an answer something is changed, and to what: a value, or a function of what was there. */
export type Lie = readonly [path: string, value: unknown];

/** Returns a `fetch` that changes the answers of one path of the API. */
export function lying(path: string, ...lies: readonly Lie[]): typeof fetch {
  return async (url, init) => {
    const response = await fetch(url, init);
    if (new URL(String(url)).pathname !== path) return response;
    const told: unknown = await response.json();
    for (const [where, value] of lies) change(told, where.split("."), value);
    return Response.json(told, { status: response.status });
  };
}

function change(inside: unknown, path: readonly string[], value: unknown): void {
  const [name, ...rest] = path;
  const holder = inside as Record<string, unknown>;
  if (name === undefined || !(name in holder)) throw new Error(`Nothing is at ${path.join(".")}.`);
  if (rest.length > 0) {
    change(holder[name], rest, value);
    return;
  }
  const was = holder[name];
  holder[name] = typeof value === "function" ? value(was) : value;
  if (holder[name] === was) throw new Error(`The lie about ${path.join(".")} is the truth.`);
}

/** Returns an account that counts what it is asked to sign. */
function watched(role: Role): { account: Account; asked: () => number } {
  let count = 0;
  const own = accounts[role];
  const counting = <A extends unknown[], R>(sign: (...given: A) => Promise<R>) => {
    return (...given: A) => {
      count += 1;
      return sign(...given);
    };
  };
  const account = toAccount({
    address: own.address,
    signMessage: counting(own.signMessage),
    signTransaction: counting(own.signTransaction) as typeof own.signTransaction,
    signTypedData: counting(own.signTypedData) as typeof own.signTypedData,
  });
  return { account, asked: () => count };
}

/** Does something with a client whose bridge lies; it must be refused, and no wallet be asked. */
export async function refused(
  role: Role,
  path: string,
  lies: readonly Lie[],
  field: string,
  act: (client: EscrowClient) => Promise<unknown>,
): Promise<void> {
  const { account, asked } = watched(role);
  // What it does is done with the truth, too.
  const honest = await connect(account);
  await act(honest);
  const before = asked();
  const client = await connect(account, { fetch: lying(path, ...lies) });
  await assert.rejects(act(client), (error) => {
    assert.ok(error instanceof BridgeDistrusted, String(error));
    assert.equal(error.field, field);
    assert.notEqual(error.asked, error.told);
    return true;
  });
  assert.equal(asked(), before, "the wallet was asked");
}
