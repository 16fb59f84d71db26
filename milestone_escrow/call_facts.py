"""What everyone should know of each call before it is sent: who may, what it does, what is final.

The terminal and the bridge tell it in these words. The names are those of the commands of ``escrow
call``, with underscores: the contract's function, but that those of the arbiter adapter begin with
``case_``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from milestone_escrow.arbiter_events import ADAPTER
from milestone_escrow.calls import ERC20, ESCROW, NOTES

__all__ = ["CALL_FACTS", "MESSAGE_FACTS", "CallFacts", "MessageFacts"]

_PAID: Final = "A payment is never taken back."
_BOUND: Final = (
    "With the freelancer's signature the deal is bound: money then comes back only by the "
    "freelancer, a settlement, a ruling, the fallback or a lapse."
)
_SPLIT: Final = "The split is final."
_CREDIT: Final = "All of the credit is paid at once, or nothing is."
_NOTE: Final = "It stays on record for ever, moves no money and stops no clock."


@dataclass(frozen=True, slots=True)
class CallFacts:
    """What a call is.

    Attributes:
        contract: Whose call it is.
        function: The contract's name for it.
        who: Who may send it.
        does: What it does, one sentence.
        final: What is final about it, one sentence.
    """

    contract: str
    function: str
    who: str
    does: str
    final: str


CALL_FACTS: Final[Mapping[str, CallFacts]] = MappingProxyType(
    {
        "fund": CallFacts(
            ESCROW,
            "fund",
            "employer",
            "Pay milestones in; with the freelancer's signature the deal is bound.",
            _BOUND,
        ),
        "fund_with_permit": CallFacts(
            ESCROW,
            "fund_with_permit",
            "employer",
            "Pay milestones in, the token's permit standing for an approval.",
            _BOUND,
        ),
        "accept": CallFacts(
            ESCROW,
            "accept",
            "freelancer",
            "Accept a deal, provided that these milestones are funded.",
            "The deal is bound from then on, as by a signature.",
        ),
        "withdraw": CallFacts(
            ESCROW,
            "withdraw",
            "employer",
            "Take money back while nobody is bound.",
            "Nothing: the milestone can be funded anew.",
        ),
        "amend": CallFacts(
            ESCROW,
            "amend",
            "employer",
            "Replace the deal by another: an award, a change of terms or of scope.",
            "The old deal is closed for ever, and all that it holds moves to the new one.",
        ),
        "request_release": CallFacts(
            ESCROW,
            "request_release",
            "freelancer",
            "Ask for release; the employer's review period begins.",
            "Unless the employer disputes in time, it can be claimed when the period ends.",
        ),
        "void_request": CallFacts(
            ESCROW,
            "void_request",
            "freelancer",
            "Take requests back.",
            "Nothing: release can be asked for anew.",
        ),
        "release": CallFacts(
            ESCROW, "release", "employer", "Pay all that remains of milestones.", _PAID
        ),
        "release_part": CallFacts(
            ESCROW, "release_part", "employer", "Pay a part of a milestone.", _PAID
        ),
        "redeem": CallFacts(
            ESCROW,
            "redeem",
            "anyone",
            "Have the employer's voucher paid, less what was paid before.",
            _PAID,
        ),
        "cancel": CallFacts(
            ESCROW,
            "cancel",
            "freelancer",
            "Give what remains of milestones back to the employer.",
            "The milestones are settled for ever.",
        ),
        "claim": CallFacts(
            ESCROW,
            "claim",
            "anyone",
            "Pay the freelancer what was requested, the review period being over.",
            _PAID,
        ),
        "dispute": CallFacts(
            ESCROW,
            "dispute",
            "employer or freelancer",
            "Freeze a milestone for the arbiter; the ruling period begins.",
            "It stays frozen until a ruling, a settlement, a full release, a cancel or the "
            "fallback.",
        ),
        "rule": CallFacts(
            ESCROW,
            "rule",
            "arbiter",
            "Split a disputed milestone, the arbiter's share being taken first.",
            _SPLIT,
        ),
        "apply_fallback": CallFacts(
            ESCROW,
            "apply_fallback",
            "anyone",
            "End a dispute that nobody ruled in time, by the agreed split.",
            _SPLIT,
        ),
        "settle": CallFacts(
            ESCROW,
            "settle",
            "employer or freelancer",
            "Split milestones as the other side signed.",
            _SPLIT,
        ),
        "settle_dormant": CallFacts(
            ESCROW,
            "settle_dormant",
            "anyone",
            "Give what a lapsed deal holds, and nobody asked for, back to the employer.",
            "The milestones are settled for ever.",
        ),
        "keep_alive": CallFacts(
            ESCROW,
            "keep_alive",
            "employer",
            "Record activity after the final deadline, so that the deal does not lapse.",
            "Nothing moves; the time until it lapses begins anew.",
        ),
        "withdraw_credit": CallFacts(
            ESCROW,
            "withdraw_credit",
            "owner of the credit",
            "Take a credit: a fee, an arbiter's share, or a payment that was refused.",
            _CREDIT,
        ),
        "pay_credit": CallFacts(
            ESCROW, "pay_credit", "anyone", "Try again to pay an owner its credit.", _CREDIT
        ),
        "request_funding": CallFacts(
            NOTES, "request_funding", "freelancer", "Ask the employer to fund milestones.", _NOTE
        ),
        "report": CallFacts(
            NOTES, "report", "freelancer", "Report how much of a milestone's work is done.", _NOTE
        ),
        "request_changes": CallFacts(
            NOTES, "request_changes", "employer", "Ask for changes to a milestone's work.", _NOTE
        ),
        "request_cancel": CallFacts(
            NOTES, "request_cancel", "employer", "Ask the freelancer to cancel.", _NOTE
        ),
        "submit_evidence": CallFacts(
            NOTES,
            "submit_evidence",
            "employer, freelancer or arbiter",
            "Put the hash of evidence on record.",
            _NOTE,
        ),
        "confirm_arbiter": CallFacts(
            NOTES,
            "confirm_arbiter",
            "arbiter",
            "Say that the arbiter knows the deal and will rule.",
            _NOTE,
        ),
        "rate": CallFacts(
            NOTES,
            "rate",
            "employer or freelancer",
            "Rate the other side once a milestone is settled.",
            _NOTE,
        ),
        "case_confirm": CallFacts(
            ADAPTER,
            "confirm",
            "anyone",
            "Have it say on record that it will arbitrate the deal.",
            _NOTE,
        ),
        "case_pay_fee": CallFacts(
            ADAPTER,
            "pay_fee",
            "employer or freelancer",
            "Pay the arbitrator's fee for one side of a dispute.",
            "Who does not pay in the fee period loses the milestone; who loses has paid the fee.",
        ),
        "case_submit": CallFacts(
            ADAPTER,
            "submit",
            "anyone",
            "Hand a case to the arbitrator, both sides having paid.",
            "The arbitrator is paid.",
        ),
        "case_submit_evidence": CallFacts(
            ADAPTER,
            "submit_evidence",
            "employer or freelancer",
            "Show the arbitrator the evidence at a URI.",
            "It stays on record for ever.",
        ),
        "case_rule": CallFacts(
            ADAPTER,
            "rule",
            "arbitrator",
            "Rule a case, as its arbitrator.",
            "A dispute is ruled once.",
        ),
        "case_execute": CallFacts(
            ADAPTER, "execute", "anyone", "End a case, the milestone being split as ruled.", _SPLIT
        ),
        "case_withdraw_credit": CallFacts(
            ADAPTER,
            "withdraw_credit",
            "owner of the credit",
            "Take the fees that came back.",
            _CREDIT,
        ),
        "approve": CallFacts(
            ERC20,
            "approve",
            "owner of the tokens",
            "Allow the escrow to take tokens, as funding a deal in a token needs.",
            "It stays until it is used up or another amount is approved; 0 takes it back.",
        ),
    }
)
"""Of the escrow in the order of a deal's life, then of the notes, the adapter and the token."""


@dataclass(frozen=True, slots=True)
class MessageFacts:
    """What a message that is signed off the chain is.

    Attributes:
        signers: Roles of those who may sign it; one of them does.
        does: What the signature does, one sentence.
        final: What is final about it, one sentence.
        call: The call that takes the signature.
    """

    signers: tuple[str, ...]
    does: str
    final: str
    call: str


MESSAGE_FACTS: Final[Mapping[str, MessageFacts]] = MappingProxyType(
    {
        "agreement": MessageFacts(
            ("freelancer",),
            "Accept the agreement: with this signature the employer's funding binds the deal.",
            "The employer may use it until accept_by; it cannot be taken back.",
            "fund",
        ),
        "amendment": MessageFacts(
            ("freelancer",),
            "Agree that another agreement takes the place of a bound deal.",
            "It counts until it expires, or what the deal holds changes.",
            "amend",
        ),
        "settlement": MessageFacts(
            ("employer", "freelancer"),
            "Split milestones as one side; the other side sends it.",
            "It counts until it expires, or what the milestones hold changes.",
            "settle",
        ),
        "voucher": MessageFacts(
            ("employer",),
            "Promise payment of a milestone up to a total, less what was paid before.",
            "The freelancer may redeem it until it expires; it cannot be taken back.",
            "redeem",
        ),
        "permit": MessageFacts(
            ("employer",),
            "Allow the escrow to take tokens for milestones, in place of an approval.",
            "It counts once, until its deadline.",
            "fund_with_permit",
        ),
    }
)
"""By the names of the messages."""
