// Hashes and signs typed data with viem. One JSON array a line in: [typed data, key or null]; one
// out: [digest, signature or null, signer or null]. An error goes out as {"error": "..."}.
import { createInterface } from "node:readline";
import { hashTypedData, recoverAddress } from "viem";
import { privateKeyToAccount } from "viem/accounts";

async function answer(line) {
  const [data, key] = JSON.parse(line);
  const digest = hashTypedData(data);
  if (key === null) return [digest, null, null];
  const signature = await privateKeyToAccount(key).signTypedData(data);
  return [digest, signature, await recoverAddress({ hash: digest, signature })];
}

for await (const line of createInterface({ input: process.stdin })) {
  let out;
  try {
    out = await answer(line);
  } catch (error) {
    out = { error: String(error.shortMessage ?? error.message ?? error) };
  }
  process.stdout.write(JSON.stringify(out) + "\n");
}
