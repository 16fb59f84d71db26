// Made by `make artifacts`: a change here is lost.

/** Every call: whose it is, who may send it, what it does, what is final about it. */
export const CALLS = {
  fund: {
    contract: "MilestoneEscrow",
    function: "fund",
    who: "employer",
    does: "Pay milestones in; with the freelancer's signature the deal is bound.",
    final: "With the freelancer's signature the deal is bound: money then comes back only by the freelancer, a settlement, a ruling, the fallback or a lapse.",
  },
  fund_with_permit: {
    contract: "MilestoneEscrow",
    function: "fund_with_permit",
    who: "employer",
    does: "Pay milestones in, the token's permit standing for an approval.",
    final: "With the freelancer's signature the deal is bound: money then comes back only by the freelancer, a settlement, a ruling, the fallback or a lapse.",
  },
  accept: {
    contract: "MilestoneEscrow",
    function: "accept",
    who: "freelancer",
    does: "Accept a deal, provided that these milestones are funded.",
    final: "The deal is bound from then on, as by a signature.",
  },
  withdraw: {
    contract: "MilestoneEscrow",
    function: "withdraw",
    who: "employer",
    does: "Take money back while nobody is bound.",
    final: "Nothing: the milestone can be funded anew.",
  },
  amend: {
    contract: "MilestoneEscrow",
    function: "amend",
    who: "employer",
    does: "Replace the deal by another: an award, a change of terms or of scope.",
    final: "The old deal is closed for ever, and all that it holds moves to the new one.",
  },
  request_release: {
    contract: "MilestoneEscrow",
    function: "request_release",
    who: "freelancer",
    does: "Ask for release; the employer's review period begins.",
    final: "Unless the employer disputes in time, it can be claimed when the period ends.",
  },
  void_request: {
    contract: "MilestoneEscrow",
    function: "void_request",
    who: "freelancer",
    does: "Take requests back.",
    final: "Nothing: release can be asked for anew.",
  },
  release: {
    contract: "MilestoneEscrow",
    function: "release",
    who: "employer",
    does: "Pay all that remains of milestones.",
    final: "A payment is never taken back.",
  },
  release_part: {
    contract: "MilestoneEscrow",
    function: "release_part",
    who: "employer",
    does: "Pay a part of a milestone.",
    final: "A payment is never taken back.",
  },
  redeem: {
    contract: "MilestoneEscrow",
    function: "redeem",
    who: "anyone",
    does: "Have the employer's voucher paid, less what was paid before.",
    final: "A payment is never taken back.",
  },
  cancel: {
    contract: "MilestoneEscrow",
    function: "cancel",
    who: "freelancer",
    does: "Give what remains of milestones back to the employer.",
    final: "The milestones are settled for ever.",
  },
  claim: {
    contract: "MilestoneEscrow",
    function: "claim",
    who: "anyone",
    does: "Pay the freelancer what was requested, the review period being over.",
    final: "A payment is never taken back.",
  },
  dispute: {
    contract: "MilestoneEscrow",
    function: "dispute",
    who: "employer or freelancer",
    does: "Freeze a milestone for the arbiter; the ruling period begins.",
    final: "It stays frozen until a ruling, a settlement, a full release, a cancel or the fallback.",
  },
  rule: {
    contract: "MilestoneEscrow",
    function: "rule",
    who: "arbiter",
    does: "Split a disputed milestone, the arbiter's share being taken first.",
    final: "The split is final.",
  },
  apply_fallback: {
    contract: "MilestoneEscrow",
    function: "apply_fallback",
    who: "anyone",
    does: "End a dispute that nobody ruled in time, by the agreed split.",
    final: "The split is final.",
  },
  settle: {
    contract: "MilestoneEscrow",
    function: "settle",
    who: "employer or freelancer",
    does: "Split milestones as the other side signed.",
    final: "The split is final.",
  },
  settle_dormant: {
    contract: "MilestoneEscrow",
    function: "settle_dormant",
    who: "anyone",
    does: "Give what a lapsed deal holds, and nobody asked for, back to the employer.",
    final: "The milestones are settled for ever.",
  },
  keep_alive: {
    contract: "MilestoneEscrow",
    function: "keep_alive",
    who: "employer",
    does: "Record activity after the final deadline, so that the deal does not lapse.",
    final: "Nothing moves; the time until it lapses begins anew.",
  },
  withdraw_credit: {
    contract: "MilestoneEscrow",
    function: "withdraw_credit",
    who: "owner of the credit",
    does: "Take a credit: a fee, an arbiter's share, or a payment that was refused.",
    final: "All of the credit is paid at once, or nothing is.",
  },
  pay_credit: {
    contract: "MilestoneEscrow",
    function: "pay_credit",
    who: "anyone",
    does: "Try again to pay an owner its credit.",
    final: "All of the credit is paid at once, or nothing is.",
  },
  request_funding: {
    contract: "DealNotes",
    function: "request_funding",
    who: "freelancer",
    does: "Ask the employer to fund milestones.",
    final: "It stays on record for ever, moves no money and stops no clock.",
  },
  report: {
    contract: "DealNotes",
    function: "report",
    who: "freelancer",
    does: "Report how much of a milestone's work is done.",
    final: "It stays on record for ever, moves no money and stops no clock.",
  },
  request_changes: {
    contract: "DealNotes",
    function: "request_changes",
    who: "employer",
    does: "Ask for changes to a milestone's work.",
    final: "It stays on record for ever, moves no money and stops no clock.",
  },
  request_cancel: {
    contract: "DealNotes",
    function: "request_cancel",
    who: "employer",
    does: "Ask the freelancer to cancel.",
    final: "It stays on record for ever, moves no money and stops no clock.",
  },
  submit_evidence: {
    contract: "DealNotes",
    function: "submit_evidence",
    who: "employer, freelancer or arbiter",
    does: "Put the hash of evidence on record.",
    final: "It stays on record for ever, moves no money and stops no clock.",
  },
  confirm_arbiter: {
    contract: "DealNotes",
    function: "confirm_arbiter",
    who: "arbiter",
    does: "Say that the arbiter knows the deal and will rule.",
    final: "It stays on record for ever, moves no money and stops no clock.",
  },
  rate: {
    contract: "DealNotes",
    function: "rate",
    who: "employer or freelancer",
    does: "Rate the other side once a milestone is settled.",
    final: "It stays on record for ever, moves no money and stops no clock.",
  },
  approve: {
    contract: "ERC20",
    function: "approve",
    who: "owner of the tokens",
    does: "Allow the escrow to take tokens, as funding a deal in a token needs.",
    final: "It stays until it is used up or another amount is approved; 0 takes it back.",
  },
} as const;

/** Every message: who signs it, what that does, what is final, which call takes it. */
export const MESSAGES = {
  agreement: {
    signers: ["freelancer"],
    does: "Accept the agreement: with this signature the employer's funding binds the deal.",
    final: "The employer may use it until accept_by; it cannot be taken back.",
    call: "fund",
  },
  amendment: {
    signers: ["freelancer"],
    does: "Agree that another agreement takes the place of a bound deal.",
    final: "It counts until it expires, or what the deal holds changes.",
    call: "amend",
  },
  settlement: {
    signers: ["employer", "freelancer"],
    does: "Split milestones as one side; the other side sends it.",
    final: "It counts until it expires, or what the milestones hold changes.",
    call: "settle",
  },
  voucher: {
    signers: ["employer"],
    does: "Promise payment of a milestone up to a total, less what was paid before.",
    final: "The freelancer may redeem it until it expires; it cannot be taken back.",
    call: "redeem",
  },
  permit: {
    signers: ["employer"],
    does: "Allow the escrow to take tokens for milestones, in place of an approval.",
    final: "It counts once, until its deadline.",
    call: "fund_with_permit",
  },
} as const;

/** What a wallet's owner reads who signs in at a bridge. */
export const SIGN_IN = "Sign in to the escrow bridge. This moves no money and agrees to nothing.";

/** What each custom error of the contracts means, and what to do about it. */
export const REVERTS = {
  NotEmployer: {
    sentence: "Only the employer of this agreement may do that.",
    remedy: "Send it from the employer's account.",
  },
  NotFreelancer: {
    sentence: "Only the freelancer of this agreement may do that.",
    remedy: "Send it from the freelancer's account.",
  },
  NotArbiter: {
    sentence: "Only the arbiter of this agreement may do that.",
    remedy: "Send it from the arbiter's account.",
  },
  NotParty: {
    sentence: "Only the employer and the freelancer of this agreement may do that.",
    remedy: "Send it from the account of one of them.",
  },
  NotOpened: {
    sentence: "No deal was opened on this agreement.",
    remedy: "Check that it is the very agreement that was funded, on this chain and this escrow; a new one is opened by its first funding.",
  },
  AlreadyOpened: {
    sentence: "A deal on the new agreement is open already.",
    remedy: "Give the new agreement another document, so that it has an id of its own.",
  },
  DealClosed: {
    sentence: "This deal was replaced by another and is closed for ever.",
    remedy: "Use the agreement of the deal that replaced it.",
  },
  AlreadyBound: {
    sentence: "The freelancer has already accepted this deal.",
    remedy: "Fund without the freelancer's signature; money comes back only as the agreement says.",
  },
  NotBound: {
    sentence: "The freelancer has not accepted this deal yet.",
    remedy: "Let the freelancer accept it, by a transaction or by a signature in a funding.",
  },
  NoFreelancer: {
    sentence: "The agreement names no freelancer: the job is not awarded.",
    remedy: "Withdraw the money, and make an agreement that names the freelancer.",
  },
  BadParties: {
    sentence: "Two roles of the agreement exclude each other, or one is the escrow or the token.",
    remedy: "Make employer, freelancer and arbiter three different accounts, the payee not the employer, and neither them nor the platform the escrow or the token.",
  },
  BadPlatform: {
    sentence: "A platform and a fee come only together, and the agreement has one without the other.",
    remedy: "Name both a platform and a fee above zero, or neither.",
  },
  BadFee: {
    sentence: "The platform's fee is above 10 %.",
    remedy: "Set fee_bps to 1000 or less.",
  },
  BadArbiterFee: {
    sentence: "The arbiter's share is above 10 %, or there is one without an arbiter.",
    remedy: "Set arbiter_bps to 1000 or less, and to zero without an arbiter.",
  },
  BadReviewPeriod: {
    sentence: "The review period is not from 3 to 180 days.",
    remedy: "Set review_period from 259200 to 15552000 seconds; 30 days are usual.",
  },
  BadRulingPeriod: {
    sentence: "The ruling period is not from 3 to 365 days.",
    remedy: "Set ruling_period from 259200 to 31536000 seconds; 30 days are usual.",
  },
  BadFallback: {
    sentence: "The freelancer's part of a dispute that nobody rules is above 100 %.",
    remedy: "Set fallback_freelancer_bps to 10000 or less.",
  },
  BadMilestones: {
    sentence: "The agreement has no milestone.",
    remedy: "Agree on 1 to 10 milestones.",
  },
  BadAmount: {
    sentence: "A milestone's amount is zero, or 2**128 raw units or more.",
    remedy: "Give every milestone an amount above zero and below that.",
  },
  BadDeadlines: {
    sentence: "The deadlines are not in order, or the final one has passed or is more than 3650 days away.",
    remedy: "Put no deadline before the one that precedes it, and the last in the future and within 3650 days.",
  },
  BadPrice: {
    sentence: "The price is not the sum of the milestones.",
    remedy: "Set price to the sum of all the milestones' amounts.",
  },
  BadAcceptBy: {
    sentence: "The time to accept by is over, or after the final deadline.",
    remedy: "Set accept_by in the future and not after the last milestone's deadline.",
  },
  BadSupersedes: {
    sentence: "The agreement does not supersede the deal that it should.",
    remedy: "To fund a new deal leave supersedes zero; to amend one set it to that deal's id.",
  },
  TermsDiffer: {
    sentence: "The new agreement changes what an amendment may not change.",
    remedy: "Keep employer and token; and freelancer, platform and fee once someone is bound.",
  },
  NoIndexes: {
    sentence: "No milestone was named.",
    remedy: "Give the index of at least one; the first milestone is 0.",
  },
  BadIndex: {
    sentence: "There is no milestone with that index.",
    remedy: "Give indexes from 0 up to one less than the number of milestones.",
  },
  RepeatedIndex: {
    sentence: "A milestone was named twice.",
    remedy: "Give every index once.",
  },
  BadLengths: {
    sentence: "There is not one amount for each milestone.",
    remedy: "Give as many amounts as indexes, in the same order.",
  },
  AlreadyFunded: {
    sentence: "A milestone is funded already.",
    remedy: "Fund only milestones that are not, each once.",
  },
  NotFunded: {
    sentence: "A milestone is not funded, so there is no money in it.",
    remedy: "Have the employer fund it first, or leave it out.",
  },
  AlreadySettled: {
    sentence: "A milestone is settled: all its money has left it, for ever.",
    remedy: "Leave it out, and name each of the others once.",
  },
  RequestOpen: {
    sentence: "Release of a milestone is requested already, and its review period runs.",
    remedy: "Wait for it to end, or take the request back before asking anew.",
  },
  NoRequest: {
    sentence: "Release of a milestone was not requested.",
    remedy: "Have the freelancer request it first, or leave it out.",
  },
  InDispute: {
    sentence: "A milestone is in dispute, where only all of its money can move.",
    remedy: "Release it in full, cancel it, or wait for the dispute to end.",
  },
  NotInDispute: {
    sentence: "A milestone is not in dispute.",
    remedy: "Open the dispute first, or leave it out.",
  },
  AcceptByPassed: {
    sentence: "The time to accept this agreement is over.",
    remedy: "Have the employer make a new agreement with a later accept_by.",
  },
  FinalDeadlinePassed: {
    sentence: "The agreement's final deadline has passed, and nothing more can be funded.",
    remedy: "Make a new agreement for what is still to be done.",
  },
  DeadlineAhead: {
    sentence: "Without a release request there is no dispute before the milestone's deadline.",
    remedy: "Wait for the deadline or for a request.",
  },
  ReviewOpen: {
    sentence: "The employer's review period has not ended yet.",
    remedy: "Claim once review_period has passed since the request, or have the employer release.",
  },
  ReviewOver: {
    sentence: "The review period has ended, and with it the time to dispute.",
    remedy: "It can be claimed for the freelancer; agree on a settlement if it should not be.",
  },
  RulingOpen: {
    sentence: "The arbiter's ruling period has not ended yet.",
    remedy: "Apply the fallback once ruling_period has passed since the dispute began.",
  },
  RulingOver: {
    sentence: "The arbiter's ruling period has ended.",
    remedy: "Anyone may apply the fallback now; both parties may still settle.",
  },
  NotLapsed: {
    sentence: "The deal has not lapsed.",
    remedy: "Wait until 74 days after its final deadline and its last activity.",
  },
  Lapsed: {
    sentence: "The deal has lapsed: its final deadline and its last activity are 74 days or more ago.",
    remedy: "Release, cancel, settle or amend what remains, or have it given back to the employer.",
  },
  NothingToKeepAlive: {
    sentence: "The final deadline is still ahead, so there is nothing to keep alive.",
    remedy: "Wait for it; until then a deal does not go dormant.",
  },
  SignatureExpired: {
    sentence: "The time of what was signed is over.",
    remedy: "Have it signed again with a later expiry.",
  },
  WrongValue: {
    sentence: "The native coin sent along is not what this call takes.",
    remedy: "Send exactly the sum of the milestones, and none where the deal is in a token.",
  },
  WrongTokenAmount: {
    sentence: "The token delivered another amount than was asked for.",
    remedy: "Use a token that takes no fee on transfers.",
  },
  TransferFailed: {
    sentence: "The transfer was refused by the token or the receiver, and nothing has moved.",
    remedy: "When funding, check the token's address, your balance and what you allow the escrow to take; when taking a credit, try another receiver, or later.",
  },
  ZeroAmount: {
    sentence: "The amount is zero.",
    remedy: "Give an amount above zero.",
  },
  AmountTooLarge: {
    sentence: "The amount is more than can be paid of the milestone.",
    remedy: "Give less; to pay all that remains use release.",
  },
  NothingToPay: {
    sentence: "The voucher promises no more than what was paid already.",
    remedy: "Redeem a newer voucher with a larger total.",
  },
  FundsShrink: {
    sentence: "The new agreement would be funded with less than the old one holds.",
    remedy: "Fund more of its milestones: an amendment pays nothing out.",
  },
  NotEnoughGas: {
    sentence: "The transaction had too little gas to try the payment fairly.",
    remedy: "Send it again with a higher gas limit.",
  },
  NoCredit: {
    sentence: "There is no credit to pay.",
    remedy: "Check the token and the owner; it may have been paid already.",
  },
  BadReceiver: {
    sentence: "A credit cannot be paid to the zero address, the escrow or the token.",
    remedy: "Give an account of your own.",
  },
  BadSignature: {
    sentence: "The signature is not the right party's over exactly this.",
    remedy: "Have it signed anew: the same values, on this chain and escrow, in the state of now.",
  },
  BadPercent: {
    sentence: "Progress is from 0 to 100 percent.",
    remedy: "Give a whole number in that range.",
  },
  NothingSettled: {
    sentence: "No milestone is settled yet, and before that nobody is rated.",
    remedy: "Rate once a milestone is released, cancelled or settled.",
  },
  BadScore: {
    sentence: "A rating is from 1 to 5.",
    remedy: "Give a whole number in that range.",
  },
} as const;

/** Reverts that are no custom error of the contracts; {} stands for what was said. */
export const OTHER_REVERTS = {
  NoReason: {
    sentence: "The call was refused without a reason.",
    remedy: "Check the chain and the escrow's address, that every value fits its type, that coins go only where they are due, and that there is enough gas.",
  },
  Error: {
    sentence: "A contract refused the call and said: “{}”.",
    remedy: "Check the escrow's address, and the token or contract wallet involved.",
  },
  UnknownError: {
    sentence: "A contract refused the call with an error that is not the escrow's, {}.",
    remedy: "Check the escrow's address, and the token or contract wallet involved.",
  },
  Panic: {
    sentence: "A contract stopped on a fault of its own: a fault without a known meaning (panic {}).",
    remedy: "Check the escrow's address, and the token or contract wallet involved.",
  },
} as const;

/** A contract that stopped on a fault of its own, by the number of the panic. */
export const PANICS: Readonly<Record<number, string>> = {
  1: "A contract stopped on a fault of its own: a condition that must hold did not (panic 0x01).",
  17: "A contract stopped on a fault of its own: a number was too large or too small (panic 0x11).",
  18: "A contract stopped on a fault of its own: a division by zero (panic 0x12).",
  33: "A contract stopped on a fault of its own: a value outside its enumeration (panic 0x21).",
  34: "A contract stopped on a fault of its own: broken storage (panic 0x22).",
  49: "A contract stopped on a fault of its own: an empty list had nothing to take (panic 0x31).",
  50: "A contract stopped on a fault of its own: an index outside its list (panic 0x32).",
  65: "A contract stopped on a fault of its own: too much memory (panic 0x41).",
  81: "A contract stopped on a fault of its own: a call to an unset function (panic 0x51).",
};
