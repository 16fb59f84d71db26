// The errors of this package, each one sentence and its remedy:
//
//   EscrowError
//   ├── BridgeProblem        the bridge refuses, as an RFC 9457 problem
//   ├── BridgeUnavailable    the bridge does not answer, or not as it must
//   ├── BridgeDistrusted     what the bridge made is not what was asked; no wallet was asked
//   ├── ContractRevert       a contract refuses, or refused
//   ├── WalletError          the wallet refuses, or is not the one that is needed
//   └── InputError           what this package was given makes no sense

/** An error with a stable name for programs, a sentence (`message`) and what to do about it. */
export class EscrowError extends Error {
  /** Stable, such as `wrong-chain`. */
  readonly code: string;
  /** What to do about it, one sentence. */
  readonly remedy: string;

  constructor(code: string, sentence: string, remedy: string, options?: ErrorOptions) {
    super(sentence, options);
    this.name = new.target.name;
    this.code = code;
    this.remedy = remedy;
  }
}

/** What an RFC 9457 problem of the bridge says. */
export interface ProblemFields {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly remedy: string;
  readonly code: string;
}

/** The bridge refuses a request; `message` is the problem's `detail`. */
export class BridgeProblem extends EscrowError {
  /** URN of the kind of problem. */
  readonly type: string;
  readonly title: string;
  /** Of HTTP. */
  readonly status: number;
  /** Seconds after which another try may succeed, where the bridge says so. */
  readonly retryAfter: number | null;

  constructor(problem: ProblemFields, retryAfter: number | null = null) {
    super(problem.code, problem.detail, problem.remedy);
    this.type = problem.type;
    this.title = problem.title;
    this.status = problem.status;
    this.retryAfter = retryAfter;
  }

  /** What is wrong, one sentence; the same as `message`. */
  get detail(): string {
    return this.message;
  }
}

/** The bridge does not answer (`no-answer`), or with what is none of its answers (`bad-answer`). */
export class BridgeUnavailable extends EscrowError {}

/** What the bridge made is not what was asked; nothing of it was shown to a wallet. */
export class BridgeDistrusted extends EscrowError {
  /** Where it differs, such as `transaction.to` or `arguments.indexes[0]`. */
  readonly field: string;
  /** What was asked, as text. */
  readonly asked: string;
  /** What the bridge made of it, as text. */
  readonly told: string;

  constructor(field: string, asked: unknown, told: unknown) {
    super(
      "bridge-distrusted",
      `The bridge changed ${field}: ${text(asked)} was asked, and it made ${text(told)}.`,
      "Sign nothing that comes from this bridge; use another one, and tell who runs it.",
    );
    this.field = field;
    this.asked = text(asked);
    this.told = text(told);
  }
}

/** A contract refuses a call, or refused it in a block. */
export class ContractRevert extends EscrowError {
  /** Name of the custom error, or `Error`, `Panic`, `UnknownError`, `NoReason`. */
  readonly error: string;
  /** What the contract reverted with, as the node gives it. */
  readonly data: `0x${string}`;

  constructor(error: string, sentence: string, remedy: string, data: `0x${string}`) {
    super(error, sentence, remedy);
    this.error = error;
    this.data = data;
  }
}

/** The wallet refuses, or is on another chain or account than the call is for. */
export class WalletError extends EscrowError {}

/** A value that was given to this package makes no sense. */
export class InputError extends EscrowError {}

const MOST_SHOWN = 100;
const UNSHOWN = /(?! )[\p{C}\p{Z}]/gu;

function text(value: unknown): string {
  return shown(typeof value === "string" ? value : (json(value) ?? String(value)), MOST_SHOWN);
}

/**
 * Returns a stranger's text as it may be shown: no longer than that, and without the control and
 * direction characters that can make a page or a terminal say something else.
 */
export function shown(text: string, most: number): string {
  const plain = text.replace(UNSHOWN, "\u{fffd}");
  return plain.length <= most ? plain : `${plain.slice(0, most)}…`;
}

/** Returns JSON in which integers of any size are decimal strings. */
export function json(value: unknown): string | undefined {
  return JSON.stringify(value, (_, each: unknown) =>
    typeof each === "bigint" ? each.toString() : each,
  );
}
