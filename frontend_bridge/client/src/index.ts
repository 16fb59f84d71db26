export * from "./agreement.js";
export * from "./bridge.js";
export type {
  CallArguments,
  CallName,
  Payment,
  Subject,
  Transaction,
} from "./calls.js";
export * from "./client.js";
export {
  type Deployment,
  deploymentFrom,
  deploymentOn,
  type RegistryEntry,
  verifyDeployment,
} from "./deployments.js";
export { type AgreementDocument, checkDocument, documentHash } from "./documents.js";
export {
  BridgeDistrusted,
  BridgeProblem,
  BridgeUnavailable,
  ContractRevert,
  EscrowError,
  InputError,
  type ProblemFields,
  WalletError,
} from "./errors.js";
export { dealNotesAbi, milestoneEscrowAbi } from "./generated/abi.js";
export type { components, paths } from "./generated/api.js";
export { DEPLOYMENTS } from "./generated/deployments.js";
export { DOMAIN, TYPES } from "./generated/typed-data.js";
export { CALLS, MESSAGES, REVERTS } from "./generated/words.js";
export { held } from "./holdings.js";
export type {
  AnswerOf,
  BodyOf,
  GetPath,
  HttpOptions,
  Method,
  Options,
  PathOf,
  PostPath,
  Sending,
} from "./http.js";
export type { LiveEvent, LiveOptions, LiveState } from "./live.js";
export type { MessageArguments, MessageKind, Signable } from "./messages.js";
export { decodeRevert, revertOf } from "./reverts.js";
export { checkSignIn, originOf } from "./sign-in.js";
export type { Mined, SendOptions, Sent, Wallet } from "./wallet.js";
