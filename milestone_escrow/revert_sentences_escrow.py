"""What the escrow's errors mean: a sentence and its remedy each, by the error's name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from milestone_escrow.agreement_rules import (
    BPS,
    DAY,
    MAX_FEE_BPS,
    MAX_HORIZON,
    MAX_MILESTONES,
    MAX_REVIEW_PERIOD,
    MAX_RULING_PERIOD,
    MIN_PERIOD,
    USUAL_PERIOD,
)
from milestone_escrow.clock import DORMANT_AFTER, LAPSED_AFTER

__all__ = ["ESCROW_SENTENCES"]

ESCROW_SENTENCES: Final[Mapping[str, tuple[str, str]]] = {
    # Who calls
    "NotEmployer": (
        "Only the employer of this agreement may do that.",
        "Send it from the employer's account.",
    ),
    "NotFreelancer": (
        "Only the freelancer of this agreement may do that.",
        "Send it from the freelancer's account.",
    ),
    "NotArbiter": (
        "Only the arbiter of this agreement may do that.",
        "Send it from the arbiter's account.",
    ),
    "NotParty": (
        "Only the employer and the freelancer of this agreement may do that.",
        "Send it from the account of one of them.",
    ),
    # The deal
    "NotOpened": (
        "No deal was opened on this agreement.",
        "Check that it is the very agreement that was funded, on this chain and this escrow; "
        "a new one is opened by its first funding.",
    ),
    "AlreadyOpened": (
        "A deal on the new agreement is open already.",
        "Give the new agreement another document, so that it has an id of its own.",
    ),
    "DealClosed": (
        "This deal was replaced by another and is closed for ever.",
        "Use the agreement of the deal that replaced it.",
    ),
    "AlreadyBound": (
        "The freelancer has already accepted this deal.",
        "Fund without the freelancer's signature; money comes back only as the agreement says.",
    ),
    "NotBound": (
        "The freelancer has not accepted this deal yet.",
        "Let the freelancer accept it, by a transaction or by a signature in a funding.",
    ),
    "NoFreelancer": (
        "The agreement names no freelancer: the job is not awarded.",
        "Withdraw the money, and make an agreement that names the freelancer.",
    ),
    # The agreement
    "BadParties": (
        "Two roles of the agreement exclude each other, or one is the escrow or the token.",
        "Make employer, freelancer and arbiter three different accounts, the payee not the "
        "employer, and neither them nor the platform the escrow or the token.",
    ),
    "BadPlatform": (
        "A platform and a fee come only together, and the agreement has one without the other.",
        "Name both a platform and a fee above zero, or neither.",
    ),
    "BadFee": (
        f"The platform's fee is above {MAX_FEE_BPS * 100 // BPS} %.",
        f"Set fee_bps to {MAX_FEE_BPS} or less.",
    ),
    "BadArbiterFee": (
        f"The arbiter's share is above {MAX_FEE_BPS * 100 // BPS} %, "
        "or there is one without an arbiter.",
        f"Set arbiter_bps to {MAX_FEE_BPS} or less, and to zero without an arbiter.",
    ),
    "BadReviewPeriod": (
        f"The review period is not from {MIN_PERIOD // DAY} to {MAX_REVIEW_PERIOD // DAY} days.",
        f"Set review_period from {MIN_PERIOD} to {MAX_REVIEW_PERIOD} seconds; "
        f"{USUAL_PERIOD // DAY} days are usual.",
    ),
    "BadRulingPeriod": (
        f"The ruling period is not from {MIN_PERIOD // DAY} to {MAX_RULING_PERIOD // DAY} days.",
        f"Set ruling_period from {MIN_PERIOD} to {MAX_RULING_PERIOD} seconds; "
        f"{USUAL_PERIOD // DAY} days are usual.",
    ),
    "BadFallback": (
        "The freelancer's part of a dispute that nobody rules is above 100 %.",
        f"Set fallback_freelancer_bps to {BPS} or less.",
    ),
    "BadMilestones": (
        "The agreement has no milestone.",
        f"Agree on 1 to {MAX_MILESTONES} milestones.",
    ),
    "BadAmount": (
        "A milestone's amount is zero, or 2**128 raw units or more.",
        "Give every milestone an amount above zero and below that.",
    ),
    "BadDeadlines": (
        "The deadlines are not in order, or the final one has passed or is more than "
        f"{MAX_HORIZON // DAY} days away.",
        "Put no deadline before the one that precedes it, and the last in the future and "
        f"within {MAX_HORIZON // DAY} days.",
    ),
    "BadPrice": (
        "The price is not the sum of the milestones.",
        "Set price to the sum of all the milestones' amounts.",
    ),
    "BadAcceptBy": (
        "The time to accept by is over, or after the final deadline.",
        "Set accept_by in the future and not after the last milestone's deadline.",
    ),
    "BadSupersedes": (
        "The agreement does not supersede the deal that it should.",
        "To fund a new deal leave supersedes zero; to amend one set it to that deal's id.",
    ),
    # An amendment
    "TermsDiffer": (
        "The new agreement changes what an amendment may not change.",
        "Keep employer and token; and freelancer, platform and fee once someone is bound.",
    ),
    # Indexes
    "NoIndexes": (
        "No milestone was named.",
        "Give the index of at least one; the first milestone is 0.",
    ),
    "BadIndex": (
        "There is no milestone with that index.",
        "Give indexes from 0 up to one less than the number of milestones.",
    ),
    "RepeatedIndex": (
        "A milestone was named twice.",
        "Give every index once.",
    ),
    "BadLengths": (
        "There is not one amount for each milestone.",
        "Give as many amounts as indexes, in the same order.",
    ),
    # The milestone
    "AlreadyFunded": (
        "A milestone is funded already.",
        "Fund only milestones that are not, each once.",
    ),
    "NotFunded": (
        "A milestone is not funded, so there is no money in it.",
        "Have the employer fund it first, or leave it out.",
    ),
    "AlreadySettled": (
        "A milestone is settled: all its money has left it, for ever.",
        "Leave it out, and name each of the others once.",
    ),
    "RequestOpen": (
        "Release of a milestone is requested already, and its review period runs.",
        "Wait for it to end, or take the request back before asking anew.",
    ),
    "NoRequest": (
        "Release of a milestone was not requested.",
        "Have the freelancer request it first, or leave it out.",
    ),
    "InDispute": (
        "A milestone is in dispute, where only all of its money can move.",
        "Release it in full, cancel it, or wait for the dispute to end.",
    ),
    "NotInDispute": (
        "A milestone is not in dispute.",
        "Open the dispute first, or leave it out.",
    ),
    # Time
    "AcceptByPassed": (
        "The time to accept this agreement is over.",
        "Have the employer make a new agreement with a later accept_by.",
    ),
    "FinalDeadlinePassed": (
        "The agreement's final deadline has passed, and nothing more can be funded.",
        "Make a new agreement for what is still to be done.",
    ),
    "DeadlineAhead": (
        "Without a release request there is no dispute before the milestone's deadline.",
        "Wait for the deadline or for a request.",
    ),
    "ReviewOpen": (
        "The employer's review period has not ended yet.",
        "Claim once review_period has passed since the request, or have the employer release.",
    ),
    "ReviewOver": (
        "The review period has ended, and with it the time to dispute.",
        "It can be claimed for the freelancer; agree on a settlement if it should not be.",
    ),
    "RulingOpen": (
        "The arbiter's ruling period has not ended yet.",
        "Apply the fallback once ruling_period has passed since the dispute began.",
    ),
    "RulingOver": (
        "The arbiter's ruling period has ended.",
        "Anyone may apply the fallback now; both parties may still settle.",
    ),
    "NotLapsed": (
        "The deal has not lapsed.",
        f"Wait until {(DORMANT_AFTER + LAPSED_AFTER) // DAY} days after its final deadline and "
        "its last activity.",
    ),
    "Lapsed": (
        "The deal has lapsed: its final deadline and its last activity are "
        f"{(DORMANT_AFTER + LAPSED_AFTER) // DAY} days or more ago.",
        "Release, cancel, settle or amend what remains, or have it given back to the employer.",
    ),
    "NothingToKeepAlive": (
        "The final deadline is still ahead, so there is nothing to keep alive.",
        "Wait for it; until then a deal does not go dormant.",
    ),
    "SignatureExpired": (
        "The time of what was signed is over.",
        "Have it signed again with a later expiry.",
    ),
    # Money
    "WrongValue": (
        "The native coin sent along is not what this call takes.",
        "Send exactly the sum of the milestones, and none where the deal is in a token.",
    ),
    "WrongTokenAmount": (
        "The token delivered another amount than was asked for.",
        "Use a token that takes no fee on transfers.",
    ),
    "TransferFailed": (
        "The transfer was refused by the token or the receiver, and nothing has moved.",
        "When funding, check the token's address, your balance and what you allow the escrow "
        "to take; when taking a credit, try another receiver, or later.",
    ),
    "ZeroAmount": (
        "The amount is zero.",
        "Give an amount above zero.",
    ),
    "AmountTooLarge": (
        "The amount is more than can be paid of the milestone.",
        "Give less; to pay all that remains use release.",
    ),
    "NothingToPay": (
        "The voucher promises no more than what was paid already.",
        "Redeem a newer voucher with a larger total.",
    ),
    "FundsShrink": (
        "The new agreement would be funded with less than the old one holds.",
        "Fund more of its milestones: an amendment pays nothing out.",
    ),
    "NotEnoughGas": (
        "The transaction had too little gas to try the payment fairly.",
        "Send it again with a higher gas limit.",
    ),
    "NoCredit": (
        "There is no credit to pay.",
        "Check the token and the owner; it may have been paid already.",
    ),
    "BadReceiver": (
        "A credit cannot be paid to the zero address, the escrow or the token.",
        "Give an account of your own.",
    ),
    # Signatures
    "BadSignature": (
        "The signature is not the right party's over exactly this.",
        "Have it signed anew: the same values, on this chain and escrow, in the state of now.",
    ),
}
"""In the order of the contract's table."""
