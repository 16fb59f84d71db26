// Signing in at a bridge with a wallet (EIP-4361). The text is the bridge's: it is signed only if it
// is for this account, this chain and the place that is meant, and says what it must.

import { type Address, getAddress } from "viem";
import { BridgeDistrusted } from "./errors.js";
import { SIGN_IN } from "./generated/words.js";

const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/;
const LONGEST = 600_000; // milliseconds that a text may be signed for

/** Where and as whom somebody signs in. */
export interface Place {
  /** Scheme, host and port. */
  readonly origin: string;
  readonly address: Address;
  readonly chainId: number;
}

/** Returns where one signs in: on the page that runs this, else at the bridge itself. */
export function originOf(bridge: string): string {
  const page = (globalThis as { location?: { origin?: string } }).location?.origin;
  return page === undefined || page === "null" ? new URL(bridge).origin : page;
}

/**
 * Does nothing if a text is what is signed to sign in at a place, and nothing more.
 *
 * @throws BridgeDistrusted with the first line that differs.
 */
export function checkSignIn(text: string, place: Place): void {
  const lines = text.split("\n");
  const expected = [
    ["domain", `${new URL(place.origin).host} wants you to sign in with your Ethereum account:`],
    ["address", getAddress(place.address)],
    ["text", ""],
    ["statement", SIGN_IN],
    ["text", ""],
    ["uri", `URI: ${place.origin}`],
    ["version", "Version: 1"],
    ["chainId", `Chain ID: ${place.chainId}`],
  ] as const;
  for (const [at, [field, line]] of expected.entries()) {
    if (lines[at] !== line) throw new BridgeDistrusted(`message.${field}`, line, lines[at]);
  }
  const [nonce, issued, expires] = ["Nonce", "Issued At", "Expiration Time"].map((name, at) => {
    const line = lines[expected.length + at] ?? "";
    const value = line.startsWith(`${name}: `) ? line.slice(name.length + 2) : "";
    const wanted = name === "Nonce" ? /^[A-Za-z0-9]{8,64}$/ : TIME;
    if (!wanted.test(value)) throw new BridgeDistrusted(`message.${name}`, wanted.source, line);
    return value;
  }) as [string, string, string];
  const written = [nonce, issued, expires];
  if (lines.length !== expected.length + written.length) {
    const more = lines.slice(expected.length + written.length).join("\n");
    throw new BridgeDistrusted("message.text", "nothing more", more);
  }
  if (Date.parse(expires) - Date.parse(issued) > LONGEST) {
    throw new BridgeDistrusted("message.Expiration Time", "some minutes", expires);
  }
}
