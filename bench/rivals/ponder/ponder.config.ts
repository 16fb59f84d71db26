import { readFileSync } from "node:fs";
import type { Abi } from "viem";
import { createConfig } from "ponder";

/** The settings come from `bench/rivals.py`, by the environment. */
function given(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set`);
  return value;
}

const { abi } = JSON.parse(readFileSync(given("RIVAL_ARTIFACT"), "utf8")) as { abi: Abi };

// Ponder asks each URL at most 20 times a second to begin with; many names of one node lift that.
const urls = Array.from({ length: Number(given("RIVAL_URLS")) }, (_, n) => `${given("RIVAL_RPC")}/?${n}`);

export default createConfig({
  ordering: "multichain",
  database: process.env.RIVAL_DATABASE
    ? { kind: "postgres", connectionString: process.env.RIVAL_DATABASE }
    : { kind: "pglite", directory: given("RIVAL_FOLDER") },
  chains: { anvil: { id: 31337, rpc: urls, pollingInterval: Number(given("RIVAL_POLLING_MS")) } },
  contracts: {
    Escrow: { chain: "anvil", abi, address: given("RIVAL_ESCROW") as `0x${string}`, startBlock: 0 },
  },
});
