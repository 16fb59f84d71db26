"""What every revert means in plain English, and what to do about it.

The names of the contract's errors have their home in ``contracts/modules/errors.vy``; their
sentences have it here, and everything that speaks to people takes them from here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Final

from eth_utils.crypto import keccak

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
from milestone_escrow.exceptions import ContractRevert

__all__ = ["SENTENCES", "RevertSentence", "decode_revert", "selector"]


@dataclass(frozen=True, slots=True)
class RevertSentence:
    """What a custom error means.

    Attributes:
        sentence: Why the contract refused.
        remedy: What to do about it.
    """

    sentence: str
    remedy: str


SENTENCES: Final[Mapping[str, RevertSentence]] = MappingProxyType(
    {
        # Who calls
        "NotEmployer": RevertSentence(
            "Only the employer of this agreement may do that.",
            "Send it from the employer's account.",
        ),
        "NotFreelancer": RevertSentence(
            "Only the freelancer of this agreement may do that.",
            "Send it from the freelancer's account.",
        ),
        "NotArbiter": RevertSentence(
            "Only the arbiter of this agreement may do that.",
            "Send it from the arbiter's account.",
        ),
        "NotParty": RevertSentence(
            "Only the employer and the freelancer of this agreement may do that.",
            "Send it from the account of one of them.",
        ),
        # The deal
        "NotOpened": RevertSentence(
            "No deal was opened on this agreement.",
            "Check that it is the very agreement that was funded, on this chain and this escrow; "
            "a new one is opened by its first funding.",
        ),
        "AlreadyOpened": RevertSentence(
            "A deal on the new agreement is open already.",
            "Give the new agreement another document, so that it has an id of its own.",
        ),
        "DealClosed": RevertSentence(
            "This deal was replaced by another and is closed for ever.",
            "Use the agreement of the deal that replaced it.",
        ),
        "AlreadyBound": RevertSentence(
            "The freelancer has already accepted this deal.",
            "Fund without the freelancer's signature; money comes back only as the agreement says.",
        ),
        "NotBound": RevertSentence(
            "The freelancer has not accepted this deal yet.",
            "Let the freelancer accept it, by a transaction or by a signature in a funding.",
        ),
        "NoFreelancer": RevertSentence(
            "The agreement names no freelancer: the job is not awarded.",
            "Withdraw the money, and make an agreement that names the freelancer.",
        ),
        # The agreement
        "BadParties": RevertSentence(
            "Two roles of the agreement exclude each other, or one is the escrow or the token.",
            "Make employer, freelancer and arbiter three different accounts, the payee not the "
            "employer, and neither them nor the platform the escrow or the token.",
        ),
        "BadPlatform": RevertSentence(
            "A platform and a fee come only together, and the agreement has one without the other.",
            "Name both a platform and a fee above zero, or neither.",
        ),
        "BadFee": RevertSentence(
            f"The platform's fee is above {MAX_FEE_BPS * 100 // BPS} %.",
            f"Set fee_bps to {MAX_FEE_BPS} or less.",
        ),
        "BadArbiterFee": RevertSentence(
            f"The arbiter's share is above {MAX_FEE_BPS * 100 // BPS} %, "
            "or there is one without an arbiter.",
            f"Set arbiter_bps to {MAX_FEE_BPS} or less, and to zero without an arbiter.",
        ),
        "BadReviewPeriod": RevertSentence(
            "The review period is not from "
            f"{MIN_PERIOD // DAY} to {MAX_REVIEW_PERIOD // DAY} days.",
            f"Set review_period from {MIN_PERIOD} to {MAX_REVIEW_PERIOD} seconds; "
            f"{USUAL_PERIOD // DAY} days are usual.",
        ),
        "BadRulingPeriod": RevertSentence(
            "The ruling period is not from "
            f"{MIN_PERIOD // DAY} to {MAX_RULING_PERIOD // DAY} days.",
            f"Set ruling_period from {MIN_PERIOD} to {MAX_RULING_PERIOD} seconds; "
            f"{USUAL_PERIOD // DAY} days are usual.",
        ),
        "BadFallback": RevertSentence(
            "The freelancer's part of a dispute that nobody rules is above 100 %.",
            f"Set fallback_freelancer_bps to {BPS} or less.",
        ),
        "BadMilestones": RevertSentence(
            "The agreement has no milestone.",
            f"Agree on 1 to {MAX_MILESTONES} milestones.",
        ),
        "BadAmount": RevertSentence(
            "A milestone's amount is zero, or 2**128 raw units or more.",
            "Give every milestone an amount above zero and below that.",
        ),
        "BadDeadlines": RevertSentence(
            "The deadlines are not in order, or the final one has passed or is more than "
            f"{MAX_HORIZON // DAY} days away.",
            "Put no deadline before the one that precedes it, and the last in the future and "
            f"within {MAX_HORIZON // DAY} days.",
        ),
        "BadPrice": RevertSentence(
            "The price is not the sum of the milestones.",
            "Set price to the sum of all the milestones' amounts.",
        ),
        "BadAcceptBy": RevertSentence(
            "The time to accept by is over, or after the final deadline.",
            "Set accept_by in the future and not after the last milestone's deadline.",
        ),
        "BadSupersedes": RevertSentence(
            "The agreement does not supersede the deal that it should.",
            "To fund a new deal leave supersedes zero; to amend one set it to that deal's id.",
        ),
        # An amendment
        "TermsDiffer": RevertSentence(
            "The new agreement changes what an amendment may not change.",
            "Keep employer and token; and freelancer, platform and fee once someone is bound.",
        ),
        # Indexes
        "NoIndexes": RevertSentence(
            "No milestone was named.",
            "Give the index of at least one; the first milestone is 0.",
        ),
        "BadIndex": RevertSentence(
            "There is no milestone with that index.",
            "Give indexes from 0 up to one less than the number of milestones.",
        ),
        "RepeatedIndex": RevertSentence(
            "A milestone was named twice.",
            "Give every index once.",
        ),
        "BadLengths": RevertSentence(
            "There is not one amount for each milestone.",
            "Give as many amounts as indexes, in the same order.",
        ),
        # The milestone
        "AlreadyFunded": RevertSentence(
            "A milestone is funded already.",
            "Fund only milestones that are not, each once.",
        ),
        "NotFunded": RevertSentence(
            "A milestone is not funded, so there is no money in it.",
            "Have the employer fund it first, or leave it out.",
        ),
        "AlreadySettled": RevertSentence(
            "A milestone is settled: all its money has left it, for ever.",
            "Leave it out, and name each of the others once.",
        ),
        "RequestOpen": RevertSentence(
            "Release of a milestone is requested already, and its review period runs.",
            "Wait for it to end, or take the request back before asking anew.",
        ),
        "NoRequest": RevertSentence(
            "Release of a milestone was not requested.",
            "Have the freelancer request it first, or leave it out.",
        ),
        "InDispute": RevertSentence(
            "A milestone is in dispute, where only all of its money can move.",
            "Release it in full, cancel it, or wait for the dispute to end.",
        ),
        "NotInDispute": RevertSentence(
            "A milestone is not in dispute.",
            "Open the dispute first, or leave it out.",
        ),
        # Time
        "AcceptByPassed": RevertSentence(
            "The time to accept this agreement is over.",
            "Have the employer make a new agreement with a later accept_by.",
        ),
        "FinalDeadlinePassed": RevertSentence(
            "The agreement's final deadline has passed, and nothing more can be funded.",
            "Make a new agreement for what is still to be done.",
        ),
        "DeadlineAhead": RevertSentence(
            "Without a release request there is no dispute before the milestone's deadline.",
            "Wait for the deadline or for a request.",
        ),
        "ReviewOpen": RevertSentence(
            "The employer's review period has not ended yet.",
            "Claim once review_period has passed since the request, or have the employer release.",
        ),
        "ReviewOver": RevertSentence(
            "The review period has ended, and with it the time to dispute.",
            "It can be claimed for the freelancer; agree on a settlement if it should not be.",
        ),
        "RulingOpen": RevertSentence(
            "The arbiter's ruling period has not ended yet.",
            "Apply the fallback once ruling_period has passed since the dispute began.",
        ),
        "RulingOver": RevertSentence(
            "The arbiter's ruling period has ended.",
            "Anyone may apply the fallback now; both parties may still settle.",
        ),
        "NotLapsed": RevertSentence(
            "The deal has not lapsed.",
            f"Wait until {(DORMANT_AFTER + LAPSED_AFTER) // DAY} days after its final deadline and "
            "its last activity.",
        ),
        "Lapsed": RevertSentence(
            "The deal has lapsed: its final deadline and its last activity are "
            f"{(DORMANT_AFTER + LAPSED_AFTER) // DAY} days or more ago.",
            "Release, cancel, settle or amend what remains, or have it given back to the employer.",
        ),
        "NothingToKeepAlive": RevertSentence(
            "The final deadline is still ahead, so there is nothing to keep alive.",
            "Wait for it; until then a deal does not go dormant.",
        ),
        "SignatureExpired": RevertSentence(
            "The time of what was signed is over.",
            "Have it signed again with a later expiry.",
        ),
        # Money
        "WrongValue": RevertSentence(
            "The native coin sent along is not what this call takes.",
            "Send exactly the sum of the milestones, and none where the deal is in a token.",
        ),
        "WrongTokenAmount": RevertSentence(
            "The token delivered another amount than was asked for.",
            "Use a token that takes no fee on transfers.",
        ),
        "TransferFailed": RevertSentence(
            "The transfer was refused by the token or the receiver, and nothing has moved.",
            "When funding, check the token's address, your balance and what you allow the escrow "
            "to take; when taking a credit, try another receiver, or later.",
        ),
        "ZeroAmount": RevertSentence(
            "The amount is zero.",
            "Give an amount above zero.",
        ),
        "AmountTooLarge": RevertSentence(
            "The amount is more than can be paid of the milestone.",
            "Give less; to pay all that remains use release.",
        ),
        "NothingToPay": RevertSentence(
            "The voucher promises no more than what was paid already.",
            "Redeem a newer voucher with a larger total.",
        ),
        "FundsShrink": RevertSentence(
            "The new agreement would be funded with less than the old one holds.",
            "Fund more of its milestones: an amendment pays nothing out.",
        ),
        "NotEnoughGas": RevertSentence(
            "The transaction had too little gas to try the payment fairly.",
            "Send it again with a higher gas limit.",
        ),
        "NoCredit": RevertSentence(
            "There is no credit to pay.",
            "Check the token and the owner; it may have been paid already.",
        ),
        "BadReceiver": RevertSentence(
            "A credit cannot be paid to the zero address, the escrow or the token.",
            "Give an account of your own.",
        ),
        # Signatures
        "BadSignature": RevertSentence(
            "The signature is not the right party's over exactly this.",
            "Have it signed anew: the same values, on this chain and escrow, in the state of now.",
        ),
        # Notes
        "BadPercent": RevertSentence(
            "Progress is from 0 to 100 percent.",
            "Give a whole number in that range.",
        ),
        "NothingSettled": RevertSentence(
            "No milestone is settled yet, and before that nobody is rated.",
            "Rate once a milestone is released, cancelled or settled.",
        ),
        "BadScore": RevertSentence(
            "A rating is from 1 to 5.",
            "Give a whole number in that range.",
        ),
        # The arbiter adapter
        "BadPeriods": RevertSentence(
            "The fee period or the arbitration period is shorter than a day, or no ruling "
            "period can hold both.",
            "Choose periods of at least a day that fit together into 365 days.",
        ),
        "ArbiterShare": RevertSentence(
            "The agreement gives its arbiter a share, and this one takes none.",
            "Agree anew with arbiter_bps 0.",
        ),
        "RulingTooShort": RevertSentence(
            "The ruling period leaves the arbitrator too little time.",
            "Agree on one that is longer than the fee period and the arbitration period together.",
        ),
        "FeeTooSmall": RevertSentence(
            "The coins sent along do not cover the arbitrator's fee.",
            "Send at least the fee; what is too much comes back as a credit.",
        ),
        "AlreadyPaid": RevertSentence(
            "This side has paid the arbitrator's fee already.",
            "Wait for the other side, or submit the case if both have paid.",
        ),
        "FeesOver": RevertSentence(
            "It is too late to pay the arbitrator's fee.",
            "Anyone may execute the case if there is one; otherwise the ruling period ends "
            "in the fallback.",
        ),
        "FeeOpen": RevertSentence(
            "The other side still has time to pay the arbitrator's fee.",
            "Wait until it is due.",
        ),
        "FeeMissing": RevertSentence(
            "Not both sides have paid the arbitrator's fee.",
            "Have both pay it before it is due.",
        ),
        "NotSubmitted": RevertSentence(
            "Both sides have paid, but the case is not with the arbitrator yet.",
            "Submit it; anyone may.",
        ),
        "AlreadySubmitted": RevertSentence(
            "The case is with the arbitrator already.",
            "Wait for the ruling.",
        ),
        "NoCase": RevertSentence(
            "Nobody has paid the arbitrator's fee for this milestone, or its case has ended.",
            "Check the agreement and the index.",
        ),
        "NotArbitrator": RevertSentence(
            "Only the arbitrator may rule.",
            "Let the arbitrator's contract call.",
        ),
        "UnknownDispute": RevertSentence(
            "The dispute is not one of the adapter's, or is ruled already.",
            "Check the dispute's number at the arbitrator.",
        ),
        "BadRuling": RevertSentence(
            "A ruling is 0, 1 or 2.",
            "Rule 1 for the freelancer, 2 for the employer, 0 to refuse.",
        ),
        "NotRuled": RevertSentence(
            "The arbitrator has not ruled yet.",
            "Wait for the ruling, or until its time is over.",
        ),
    }
)
"""Every custom error of the escrow, in the order of the contract's table."""

_ERROR_STRING: Final = bytes.fromhex("08c379a0")  # Error(string)
_PANIC: Final = bytes.fromhex("4e487b71")  # Panic(uint256)
_MOST_SHOWN: Final = 200  # characters of another contract's text

_NOT_OURS: Final = "Check the escrow's address, and the token or contract wallet involved."

_PANICS: Final[Mapping[int, str]] = {
    0x01: "a condition that must hold did not",
    0x11: "a number was too large or too small",
    0x12: "a division by zero",
    0x21: "a value outside its enumeration",
    0x22: "broken storage",
    0x31: "an empty list had nothing to take",
    0x32: "an index outside its list",
    0x41: "too much memory",
    0x51: "a call to an unset function",
}


def selector(error: str) -> bytes:
    """Return the four bytes that a custom error without arguments reverts with."""
    return keccak(text=f"{error}()")[:4]


def decode_revert(data: bytes) -> ContractRevert:
    """Return the error to raise for the data of a revert.

    Its ``error`` is the custom error's name, or ``Error`` (a text), ``Panic``, ``UnknownError``
    (another contract's error), ``NoReason`` (no data at all).

    Args:
        data: What the node gives as the revert's data, without any decoding.
    """
    data = bytes(data)
    if name := _names().get(data):
        meaning = SENTENCES[name]
        return ContractRevert(name, meaning.sentence, meaning.remedy, data=data)
    if not data:
        return ContractRevert(
            "NoReason",
            "The call was refused without a reason.",
            "Check the chain and the escrow's address, that every value fits its type, that coins "
            "go only where they are due, and that there is enough gas.",
        )
    head, rest = data[:4], data[4:]
    if head == _ERROR_STRING and (text := _text(rest)) is not None:
        return ContractRevert(
            "Error",
            f"A contract refused the call and said: “{text}”.",
            _NOT_OURS,
            data=data,
        )
    if head == _PANIC and len(rest) == 32:
        code = int.from_bytes(rest, "big")
        meant = _PANICS.get(code, "a fault without a known meaning")
        return ContractRevert(
            "Panic",
            f"A contract stopped on a fault of its own: {meant} (panic {code:#04x}).",
            _NOT_OURS,
            data=data,
        )
    return ContractRevert(
        "UnknownError",
        f"A contract refused the call with an error that is not the escrow's, 0x{head.hex()}.",
        _NOT_OURS,
        data=data,
    )


@cache
def _names() -> Mapping[bytes, str]:
    return {selector(name): name for name in SENTENCES}


def _text(encoded: bytes) -> str | None:
    """Return an ABI-encoded string fit to be shown, or None where it is malformed."""
    start = int.from_bytes(encoded[:32], "big") + 32
    if len(encoded) < 64 or start > len(encoded):
        return None
    length = int.from_bytes(encoded[start - 32 : start], "big")
    if length > len(encoded) - start:
        return None
    text = encoded[start : start + length].decode("utf-8", "replace")
    # It is a stranger's: control and direction characters must not reach a terminal or a page.
    shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
    return shown if len(shown) <= _MOST_SHOWN else shown[:_MOST_SHOWN] + "…"
