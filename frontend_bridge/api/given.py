"""From what a body gives to the values that the library takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import msgspec
from msgspec import UNSET

from frontend_bridge.api import params
from frontend_bridge.api.bodies import AMOUNTS
from frontend_bridge.api.problems import Refused
from frontend_bridge.api.shapes import TokenOf
from frontend_bridge.api.view import View
from milestone_escrow.abi_values import ZERO_ADDRESS, to_address, to_uint256
from milestone_escrow.agreement import Agreement
from milestone_escrow.amounts import parse_units
from milestone_escrow.deal_state import Deal
from milestone_escrow.exceptions import UnknownDeal, UsageError
from milestone_escrow.messages import Domain
from milestone_escrow.typed_data import deal_id

__all__ = [
    "Subject",
    "address_of",
    "agreement_of",
    "domain_of",
    "sender_of",
    "subject_of",
    "token_of_body",
    "value_of",
]

_ADDRESSES: Final = ("token", "to", "owner")


@dataclass(frozen=True, slots=True)
class Subject:
    """What a request is about.

    Attributes:
        deal_id: 32 bytes.
        agreement: Of the deal.
        deal: As the index has it; None: it does not know of it.
    """

    deal_id: bytes
    agreement: Agreement
    deal: Deal | None

    @property
    def known(self) -> Deal:
        """The deal.

        Raises:
            UnknownDeal: The index does not know of it.
        """
        if self.deal is None:
            raise UnknownDeal(
                "This deal was never opened, as far as the index goes.",
                "Fund it first, or ask again in a moment.",
            )
        return self.deal


def domain_of(view: View) -> Domain:
    """Return where signatures count."""
    return Domain(view.source.chain_id, view.source.escrow)


def subject_of(view: View, body: Any) -> Subject:
    """Return the deal of a body.

    Raises:
        Refused: The body names none, or two (422).
        UnknownDeal: There is none with that id.
        AgreementError: The agreement is none.
    """
    if (body.deal_id is UNSET) == (body.agreement is UNSET):
        raise Refused(
            422,
            "It must be said which deal this is about, once.",
            "Give deal_id, or the whole agreement.",
            "no-agreement",
        )
    if body.deal_id is not UNSET:
        found = bytes.fromhex(body.deal_id[2:])
        deal = view.kept(found).deal
        return Subject(found, deal.agreement, deal)
    agreement = agreement_of(body.agreement)
    found = deal_id(agreement, domain_of(view))
    try:
        return Subject(found, agreement, view.kept(found).deal)
    except UnknownDeal:
        return Subject(found, agreement, None)


def agreement_of(shape: msgspec.Struct) -> Agreement:
    """Return an agreement that was sent.

    Raises:
        AgreementError: It is none.
    """
    return Agreement.from_json(msgspec.to_builtins(shape))


def sender_of(body: Any) -> str:
    """Return who will send the call.

    Raises:
        Refused: That is nobody's address (422).
    """
    return address_of(body.sender, "from")


def address_of(text: str, field: str) -> str:
    """Return an address that was sent, checksummed.

    Raises:
        Refused: It is none (400), or nobody's (422).
    """
    try:
        found: str = params.address.parse(text)
    except ValueError as right:
        raise Refused(400, f"{field} is not what it must be.", str(right), "bad-body") from None
    return found


def token_of_body(text: str, field: str) -> str:
    """Return the address of a token that was sent, checksummed; zero is the native coin.

    Raises:
        Refused: It is none (400), or mistyped (422).
    """
    return text if text == ZERO_ADDRESS else address_of(text, field)


def value_of(body: Any, field: str, token: str, token_of: TokenOf) -> Any:
    """Return the value of a field, amounts in raw units of the token.

    Raises:
        Refused: An amount is no whole number of raw units, or the token's decimals are not known.
        AmountError: It has more decimals than the token.
        AgreementError: An agreement is none.
        UsageError: A value does not fit its type.
    """
    given: Any = getattr(body, field)
    if field in AMOUNTS:
        several = given if isinstance(given, list) else [given]
        found = [_raw(token_of, body.units, each, field, token) for each in several]
        return found if isinstance(given, list) else found[0]
    if isinstance(given, msgspec.Struct):
        return agreement_of(given)
    if isinstance(given, str):
        if not given.startswith("0x"):
            return to_uint256(int(given), field, UsageError)
        if field in _ADDRESSES:
            return to_address(given, field, UsageError)
        return bytes.fromhex(given[2:])
    return given


def _raw(token_of: TokenOf, units: str, text: str, field: str, token: str) -> int:
    if units == "raw":
        if "." in text:
            raise Refused(
                422,
                f"{field} is in raw units, which have no parts.",
                'Give an integer, or "units": "decimal" for whole tokens.',
                "amount-malformed",
            )
        return to_uint256(int(text), field, UsageError)
    known = token_of(token)
    if known is None:
        raise Refused(
            422,
            f"The decimals of the token {token} are not known.",
            "Give raw units.",
            "unknown-decimals",
        )
    return parse_units(text, known.decimals)
