// What the bridge prepared, held against what was asked: a bridge is trusted with nothing that is
// signed. A wallet gets what is made here, never what the bridge sent.

import { type AbiParameter, type Address, decodeFunctionData, type Hex, size } from "viem";
import { functionOf, type Made } from "./calls.js";
import { same } from "./deployments.js";
import { BridgeDistrusted, json } from "./errors.js";
import type { components } from "./generated/api.js";

type Told = components["schemas"]["PreparedCall"];

/**
 * Does nothing if the bridge prepared a call as it was asked.
 *
 * @param asked The call, made here.
 * @param from Who sends it.
 * @param told What the bridge made of it.
 * @param where Of it in the answer, for the error.
 * @throws BridgeDistrusted with the first thing that differs.
 */
export function checkCall(asked: Made, from: Address, told: Told, where = ""): void {
  const { transaction } = told;
  const at = (field: string) => `${where}${field}`;
  const { to, data, value, chainId } = asked.transaction;
  checkAddress(at("transaction.to"), to, transaction.to);
  checkAddress(at("transaction.from"), from, transaction.from);
  check(at("transaction.chainId"), BigInt(chainId), quantity(transaction.chainId));
  check(at("transaction.value"), value, quantity(transaction.value));
  if (String(transaction.data).toLowerCase() !== data.toLowerCase()) {
    throw difference(asked, transaction.data, where);
  }
}

/** Does nothing if two values are the same, as JSON writes them. */
export function check(field: string, asked: unknown, told: unknown): void {
  if (json(asked) !== json(told)) throw new BridgeDistrusted(field, asked, told);
}

/** Does nothing if two addresses are the same account. */
export function checkAddress(field: string, asked: string, told: unknown): void {
  if (!same(asked, String(told))) throw new BridgeDistrusted(field, asked, told);
}

/** Returns where calldata differs from what was asked, in the ABI's own words. */
function difference(asked: Made, data: Hex, where: string): BridgeDistrusted {
  const item = functionOf(asked.name);
  let args: readonly unknown[];
  try {
    args = decodeFunctionData({ abi: [item], data }).args ?? [];
  } catch {
    return new BridgeDistrusted(`${where}function`, asked.transaction.data, data);
  }
  for (const [at, input] of item.inputs.entries()) {
    const path = `${where}arguments.${input.name ?? at}`;
    const found = differing(input, asked.args[at], args[at], path);
    if (found !== null) return found;
  }
  // The same values, written otherwise: more than the function reads, or not where it is usual.
  const usual = `their usual ${size(asked.transaction.data)} bytes`;
  return new BridgeDistrusted(`${where}transaction.data`, usual, `${size(data)} other bytes`);
}

function differing(
  input: AbiParameter,
  asked: unknown,
  told: unknown,
  path: string,
): BridgeDistrusted | null {
  if (Array.isArray(asked) && Array.isArray(told) && asked.length === told.length) {
    const type = input.type.replace(/\[\d*\]$/, "");
    for (const [at, each] of asked.entries()) {
      const found = differing({ ...input, type }, each, told[at], `${path}[${at}]`);
      if (found !== null) return found;
    }
    return null;
  }
  if (input.type === "tuple" && "components" in input) {
    for (const part of input.components) {
      const name = part.name ?? "";
      const [one, other] = [asked, told].map((each) => (each as Record<string, unknown>)[name]);
      const found = differing(part, one, other, `${path}.${name}`);
      if (found !== null) return found;
    }
    return null;
  }
  const [one, other] = [asked, told].map((each) => String(json(each)).toLowerCase());
  return one === other ? null : new BridgeDistrusted(path, asked, told);
}

function quantity(told: unknown): unknown {
  return typeof told === "string" && /^0x[0-9a-f]+$/i.test(told) ? BigInt(told) : told;
}
