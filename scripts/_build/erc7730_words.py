"""The words of the ERC-7730 descriptors: what fits on a hardware wallet, which cuts longer ones.

An intent has at most 30 characters, a label 20, an enumeration's word 20. The whole sentences, of
what a call does and what is final about it, come from ``milestone_escrow.call_facts``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from milestone_escrow.abi_values import ZERO_ADDRESS, ZERO_HASH

__all__ = ["ENUMS", "INTENTS", "LABELS", "MESSAGE_INTENTS", "TOKEN_AMOUNT", "Label"]

TOKEN_AMOUNT: Final = "tokenAmount"

INTENTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "fund": "Fund milestones",
        "fund_with_permit": "Fund milestones by permit",
        "accept": "Accept deal: binds you",
        "withdraw": "Take reserved money back",
        "amend": "Replace deal: old one closes",
        "request_release": "Request release",
        "void_request": "Take requests back",
        "release": "Release all of it: final",
        "release_part": "Release a part: final",
        "redeem": "Redeem voucher: final",
        "cancel": "Cancel: refunds the employer",
        "claim": "Pay the freelancer: final",
        "dispute": "Dispute: freezes a milestone",
        "rule": "Rule a dispute: final",
        "apply_fallback": "Apply agreed fallback: final",
        "settle": "Settle by agreed split: final",
        "settle_dormant": "Refund a lapsed deal",
        "keep_alive": "Keep the deal alive",
        "withdraw_credit": "Withdraw credit",
        "pay_credit": "Pay a credit to its owner",
        "request_funding": "Note: ask for funding",
        "report": "Note: report progress",
        "request_changes": "Note: ask for changes",
        "request_cancel": "Note: ask to cancel",
        "submit_evidence": "Note: submit evidence",
        "confirm_arbiter": "Note: confirm as arbiter",
        "rate": "Note: rate the other side",
        "case_confirm": "Confirm the arbitration",
        "case_pay_fee": "Pay the arbitration fee",
        "case_submit": "Submit to the arbitrator",
        "case_submit_evidence": "Show evidence to arbitrator",
        "case_rule": "Rule a case",
        "case_execute": "Execute a ruling: final",
        "case_withdraw_credit": "Withdraw returned fees",
    }
)
"""By the names of ``CALL_FACTS``; what pays or splits for good says so in it."""

MESSAGE_INTENTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "agreement": "Accept the agreement: binding",
        "amendment": "Agree to another agreement",
        "settlement": "Agree to a split: final",
        "voucher": "Promise a payment: final",
    }
)
"""By the names of ``MESSAGE_FACTS``; a permit is the token's message, and its descriptor's."""

ENUMS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {"ruling": {"0": "Refused", "1": "All to freelancer", "2": "All to employer"}}
)


@dataclass(frozen=True, slots=True)
class Label:
    """How a value is shown.

    Attributes:
        text: What stands before it.
        format: ERC-7730's name of its form.
        params: Of the form, if it has any.
        hidden: A value that says nothing, and is not shown; None: all are.
        extra: Whether a wallet may leave it out, wherever it stands.
    """

    text: str
    format: str = "raw"
    params: Mapping[str, Any] | None = None
    hidden: str | None = None
    extra: bool = False


# Names that the user or ENS gave; a party may be a key's account, a contract, or nobody.
_ANYBODY: Final = MappingProxyType({"sources": ["local", "ens"]})
_DATE: Final = MappingProxyType({"encoding": "timestamp"})
_PERCENT: Final = MappingProxyType({"base": "%", "decimals": 2})  # of basis points

LABELS: Final[Mapping[str, Label]] = MappingProxyType(
    {
        # Of an agreement
        "employer": Label("Employer", "addressName", _ANYBODY),
        "freelancer": Label("Freelancer", "addressName", _ANYBODY),
        "payee": Label("Paid instead", "addressName", _ANYBODY, hidden=ZERO_ADDRESS),
        "arbiter": Label("Arbiter (0: none)", "addressName", _ANYBODY),
        "token": Label("Token (0: coin)", "tokenTicker"),
        "platform": Label("Fee goes to", "addressName", _ANYBODY, hidden=ZERO_ADDRESS),
        "fee_bps": Label("Fee of payments", "unit", _PERCENT),
        "arbiter_bps": Label("Arbiter's share", "unit", _PERCENT),
        "price": Label("Price", TOKEN_AMOUNT),
        "accept_by": Label("Bind before", "date", _DATE),
        "review_period": Label("Review period", "duration"),
        "ruling_period": Label("Ruling period", "duration"),
        "fallback_freelancer_bps": Label("Fallback, freelancer", "unit", _PERCENT),
        "document": Label("Document hash"),
        "supersedes": Label("Replaces deal", hidden="0x" + ZERO_HASH.hex()),
        "milestones.amount": Label("Amount", TOKEN_AMOUNT),
        "milestones.deadline": Label("Deadline", "date", _DATE),
        # Of calls and messages
        "deal": Label("Deal id"),
        "old": Label("Deal that ends"),
        "index": Label("Milestone (from 0)"),
        "indexes": Label("Milestone (from 0)"),
        "amount": Label("Amount", TOKEN_AMOUNT),
        "paid_total": Label("Paid in all", TOKEN_AMOUNT),
        "freelancer_amount": Label("To the freelancer", TOKEN_AMOUNT),
        "freelancer_amounts": Label("To the freelancer", TOKEN_AMOUNT),
        "remaining": Label("Held before", TOKEN_AMOUNT),
        "moved": Label("Moves to new deal", TOKEN_AMOUNT),
        "expiry": Label("Valid before", "date", _DATE),
        "evidence": Label("Evidence"),
        "reason": Label("Reason hash"),
        "note": Label("Note hash"),
        "review": Label("Review hash"),
        "percent": Label("Done", "unit", MappingProxyType({"base": "%"})),
        "score": Label("Score of 5"),
        "to": Label("Paid to", "addressName", _ANYBODY),
        "owner": Label("Owner", "addressName", _ANYBODY),
        "dispute_id": Label("Arbitrator's dispute"),
        "ruling": Label("Ruling", "enum", MappingProxyType({"$ref": "$.metadata.enums.ruling"})),
        "deadline": Label("Permit ends", "date", _DATE),
        "signature": Label("Signature", extra=True),
        "v": Label("Permit's v", extra=True),
        "r": Label("Permit's r", extra=True),
        "s": Label("Permit's s", extra=True),
    }
)
"""By the names of the ABI's arguments and the messages' fields; parts of an array's by its too."""
