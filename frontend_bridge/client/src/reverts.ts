// What a contract refuses with, in the words of the library.

import {
  type Abi,
  BaseError,
  decodeAbiParameters,
  type Hex,
  isHex,
  toFunctionSelector,
} from "viem";
import { ContractRevert, shown } from "./errors.js";
import { dealNotesAbi, milestoneEscrowAbi } from "./generated/abi.js";
import { OTHER_REVERTS, PANICS, REVERTS } from "./generated/words.js";

const NAMES: ReadonlyMap<string, keyof typeof REVERTS> = new Map(
  [...(milestoneEscrowAbi as Abi), ...(dealNotesAbi as Abi)].flatMap((entry) =>
    entry.type === "error"
      ? [[toFunctionSelector(`${entry.name}()`), entry.name as keyof typeof REVERTS] as const]
      : [],
  ),
);
const MOST_SHOWN = 200;

/** Returns the error for the data of a revert. */
export function decodeRevert(data: Hex): ContractRevert {
  const name = NAMES.get(data);
  if (name !== undefined) {
    const { sentence, remedy } = REVERTS[name];
    return new ContractRevert(name, sentence, remedy, data);
  }
  if (data === "0x") return other("NoReason", "", data);
  const rest: Hex = `0x${data.slice(10)}`;
  try {
    if (data.startsWith("0x08c379a0")) {
      const [said] = decodeAbiParameters([{ type: "string" }], rest);
      return other("Error", shown(said, MOST_SHOWN), data);
    }
    if (data.startsWith("0x4e487b71")) {
      const [number] = decodeAbiParameters([{ type: "uint256" }], rest);
      const known = PANICS[Number(number)];
      if (known === undefined) return other("Panic", `0x${number.toString(16)}`, data);
      return new ContractRevert("Panic", known, OTHER_REVERTS.Panic.remedy, data);
    }
  } catch {
    // Malformed: it is somebody's, and nobody knows what it says.
  }
  return other("UnknownError", data.slice(0, 10), data);
}

function other(error: keyof typeof OTHER_REVERTS, said: string, data: Hex): ContractRevert {
  const { sentence, remedy } = OTHER_REVERTS[error];
  return new ContractRevert(
    error,
    sentence.replace("{}", () => said),
    remedy,
    data,
  );
}

/** Returns the revert that an error of viem is about; null: it is about none. */
export function revertOf(error: unknown): ContractRevert | null {
  if (error instanceof ContractRevert) return error;
  if (!(error instanceof BaseError)) return null;
  let data: Hex | null = null;
  let reverted = false;
  error.walk((cause) => {
    const found = (cause as { data?: unknown }).data;
    const inner =
      typeof found === "object" && found !== null ? (found as { data?: unknown }) : null;
    for (const each of [found, inner?.data]) {
      if (data === null && isHex(each)) data = each;
    }
    const { name, code } = cause as { name?: string; code?: number };
    // 3 is what nodes answer for a revert.
    reverted ||= name === "ExecutionRevertedError" || code === 3;
    return false;
  });
  if (data !== null) return decodeRevert(data);
  return reverted ? decodeRevert("0x") : null;
}
