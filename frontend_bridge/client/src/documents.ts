// The agreement document: the words of an agreement, bound by their hash.

import { type Hex, keccak256, stringToHex, zeroAddress } from "viem";
import type { Agreement } from "./agreement.js";
import { InputError } from "./errors.js";

/** Version 1 of the document's JSON; every key is there, and texts are in Unicode's form C. */
export interface AgreementDocument {
  readonly schema: "milestone-escrow/agreement-document/1";
  readonly title: string;
  readonly scope: string;
  readonly terms: string;
  readonly currency: { readonly symbol: string; readonly decimals: number };
  readonly milestones: readonly {
    readonly title: string;
    readonly scope: string;
    readonly deliverable: string;
  }[];
  /** 32 random bytes, so that equal texts are two deals. */
  readonly nonce: Hex;
}

/** Returns the agreement's `document`: keccak256 of the RFC 8785 form. */
export function documentHash(document: AgreementDocument): Hex {
  return keccak256(stringToHex(canonical(document)));
}

/**
 * Does nothing if this is the document that an agreement binds, and its text is safe to be read.
 *
 * @throws InputError `document-hash`, `document-milestones`, `document-currency`, `document-text`.
 */
export function checkDocument(document: AgreementDocument, agreement: Agreement): void {
  const hash = documentHash(document);
  if (hash !== agreement.document.toLowerCase()) {
    throw new InputError(
      "document-hash",
      `This document's hash is ${hash}; the agreement binds ${agreement.document}.`,
      "Ask the other party for the document that belongs to this agreement.",
    );
  }
  const [described, agreed] = [document.milestones.length, agreement.milestones.length];
  if (described !== agreed) {
    throw new InputError(
      "document-milestones",
      `The document describes ${described} milestones; the agreement has ${agreed}.`,
      "Do not sign: ask for an agreement and a document that fit each other.",
    );
  }
  const { decimals } = document.currency;
  if (agreement.token === zeroAddress && decimals !== NATIVE_DECIMALS) {
    throw new InputError(
      "document-currency",
      `The document gives the native coin ${decimals} decimals; it has ${NATIVE_DECIMALS}.`,
      "Do not sign: its amounts would read as other sums than are paid.",
    );
  }
  if (!isPlain(document)) {
    throw new InputError(
      "document-text",
      "The document has characters that can hide what its text says.",
      "Do not sign: ask for a document in plain text.",
    );
  }
}

const NATIVE_DECIMALS = 18;
// Control characters but line feed and tab, and those that turn the direction of writing.
const HIDING = /(?![\n\t])[\p{Cc}\p{Cs}]|[\u202a-\u202e\u2066-\u2069]/u;

function isPlain(value: unknown): boolean {
  if (typeof value === "string") return !HIDING.test(value) && value.normalize("NFC") === value;
  if (typeof value !== "object" || value === null) return true;
  return Object.values(value).every(isPlain);
}

/** Returns the RFC 8785 form: keys by their UTF-16 units, numbers and texts as ECMAScript has them. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${members.map(([key, each]) => `${JSON.stringify(key)}:${canonical(each)}`).join(",")}}`;
}
