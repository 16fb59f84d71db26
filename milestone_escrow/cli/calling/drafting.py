"""From terms as people write them to an agreement and its document.

The terms are a JSON object. All but ``title``, ``employer`` and ``milestones`` may be left out;
parties are roles of the devnet or addresses, amounts decimal text in the token's units, times
durations from now (``30d``), unix seconds or ISO 8601.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import click

from milestone_escrow.cli.calling.arguments import WhenType
from milestone_escrow.exceptions import UsageError

if TYPE_CHECKING:
    from milestone_escrow.agreement import Agreement
    from milestone_escrow.cli.calling.places import Place
    from milestone_escrow.document import AgreementDocument

__all__ = ["KEYS", "TEMPLATE", "draft", "parse_milestone"]

TEMPLATE: Final[Mapping[str, Any]] = {
    "title": "A web shop",
    "scope": "A shop with a catalogue, a basket and payment by card.",
    "terms": "Two rounds of changes for each milestone.",
    "employer": "employer",
    "freelancer": "freelancer",
    "arbiter": "arbiter",
    "token": "ETH",
    "price": "4",
    "arbiter_bps": 500,
    "accept_by": "7d",
    "review_period": "30d",
    "ruling_period": "30d",
    "fallback_freelancer_bps": 5000,
    "milestones": [
        {"title": "Design", "deliverable": "Two drafts", "percent": "30", "deadline": "30d"},
        {"title": "The shop", "deliverable": "It sells", "percent": "50", "deadline": "60d"},
        {"title": "Launch", "deliverable": "It is online", "percent": "20", "deadline": "90d"},
    ],
}
"""Terms to begin with; the amounts of the milestones are parts of the price, or ``amount`` each."""

_PARTIES: Final = ("employer", "freelancer", "payee", "arbiter", "platform")
_NUMBERS: Final = ("fee_bps", "arbiter_bps", "fallback_freelancer_bps")
_PERIODS: Final = ("review_period", "ruling_period")
KEYS: Final = (
    *("title", "scope", "terms", *_PARTIES, "token", "price", "accept_by"),
    *(*_NUMBERS, *_PERIODS, "supersedes", "milestones"),
)
"""What terms may have."""
_PARTS: Final = ("title", "deliverable", "scope", "amount", "percent", "deadline")


def parse_milestone(text: str) -> dict[str, str]:
    """Return the terms of a milestone written as ``TITLE, AMOUNT or PERCENT%, DEADLINE``.

    Raises:
        UsageError: it is not written so (``bad-milestone``).
    """
    parts = [part.strip() for part in text.rsplit(",", 2)]
    if len(parts) != 3 or not all(parts):
        raise UsageError(
            f"The milestone {text[:60]!r} is not title, amount and deadline.",
            'Write it as "Design, 1.2, 30d", or with a part of the price: "Design, 30%, 30d".',
            code="bad-milestone",
        )
    title, amount, deadline = parts
    share = {"percent": amount[:-1]} if amount.endswith("%") else {"amount": amount}
    return {"title": title, "deadline": deadline, **share}


def draft(terms: Mapping[str, Any], place: Place) -> tuple[Agreement, AgreementDocument]:
    """Return the agreement and the document that terms make, with a fresh nonce.

    Raises:
        UsageError: a key is unknown or missing, or a value is not of its form (``bad-terms``).
        AmountError: amounts are malformed, or percentages do not add up to 100.
        AgreementError: the contract would not open it.
        DocumentError: a text is not fit for a document.
    """
    from milestone_escrow.agreement import Agreement
    from milestone_escrow.document import AgreementDocument, Currency, DocumentMilestone

    _check_keys(terms, KEYS, "The terms have", ("title", "employer", "milestones"))
    token = place.token(_text(terms.get("token", "ETH"), "token"))
    parts = terms["milestones"]
    if not isinstance(parts, list) or not all(isinstance(part, Mapping) for part in parts):
        raise _bad("milestones", "is not a list of objects")
    for number, part in enumerate(parts):
        _check_keys(part, _PARTS, f"milestones[{number}] has", ("title", "deadline"))
    amounts = _amounts(terms, parts, token.decimals)
    document = AgreementDocument.create(
        title=_text(terms["title"], "title"),
        scope=_text(terms.get("scope") or terms["title"], "scope"),
        terms=_text(terms.get("terms", ""), "terms"),
        currency=Currency(token.symbol, token.decimals),
        milestones=[
            DocumentMilestone(
                _text(part["title"], "title"),
                _text(part.get("deliverable") or part["title"], "deliverable"),
                _text(part.get("scope", ""), "scope"),
            )
            for part in parts
        ],
    )
    others: dict[str, Any] = {
        name: place.party(_text(terms[name], name), name) for name in _PARTIES if terms.get(name)
    }
    for name in _NUMBERS:
        if name in terms:
            value = terms[name]
            if not isinstance(value, int) or isinstance(value, bool):
                raise _bad(name, "is not a whole number of basis points")
            others[name] = value
    for name in _PERIODS:
        if name in terms:
            others[name] = _time(terms[name], name, 0)
    if terms.get("supersedes"):
        others["supersedes"] = _hash(terms["supersedes"])
    agreement = Agreement.build(
        token=token.address,
        accept_by=_time(terms.get("accept_by", "7d"), "accept_by", place.now),
        document=document.hash(),
        milestones=[
            (amount, _time(part["deadline"], "deadline", place.now))
            for amount, part in zip(amounts, parts, strict=True)
        ],
        **others,
    )
    agreement.require_valid(place.now, place.client.address, supersedes=agreement.supersedes)
    document.check_against(agreement)
    return agreement, document


def _amounts(terms: Mapping[str, Any], parts: list[Any], decimals: int) -> tuple[int, ...]:
    from milestone_escrow.amounts import parse_units
    from milestone_escrow.percentages import split_by_percent

    price = terms.get("price")
    whole = None if price is None else parse_units(_text(price, "price"), decimals)
    if all("percent" in part and "amount" not in part for part in parts):
        if whole is None:
            raise _bad("price", "is missing, and the milestones are parts of it")
        return split_by_percent(whole, [_text(part["percent"], "percent") for part in parts])
    if not all("amount" in part and "percent" not in part for part in parts):
        raise _bad("milestones", "do not all have an amount, or all a percent")
    amounts = tuple(parse_units(_text(part["amount"], "amount"), decimals) for part in parts)
    if whole not in (None, sum(amounts)):
        raise _bad("price", "is not the sum of the milestones")
    return amounts


def _time(value: object, name: str, now: int) -> int:
    try:
        return WhenType().convert(_text(value, name), None, None).at(now)
    except click.BadParameter as error:
        raise _bad(name, f"is {str(value)[:60]!r}, which is no time") from error


def _hash(value: object) -> bytes:
    text = _text(value, "supersedes")
    if not re.fullmatch(r"0x[0-9a-fA-F]{64}", text):
        raise _bad("supersedes", "is not a whole deal id, 0x and 64 hexadecimal digits")
    return bytes.fromhex(text[2:])


def _text(value: object, name: str) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise _bad(name, "is not text")
    return value


def _check_keys(
    given: Mapping[str, Any], known: tuple[str, ...], of: str, needed: tuple[str, ...]
) -> None:
    for name in given:
        if name not in known:
            raise UsageError(
                f"{of} the key {str(name)[:40]!r}, which is unknown.",
                f"Known are {', '.join(known)}.",
                code="bad-terms",
            )
    for name in needed:
        if not given.get(name):
            raise UsageError(
                f"{of} no {name}.",
                "Add it; escrow agreement new --template shows a whole example.",
                code="bad-terms",
                field=name,
            )


def _bad(name: str, what: str) -> UsageError:
    return UsageError(
        f"{name} {what}.",
        "Mend it; escrow agreement new --template shows a whole example.",
        code="bad-terms",
        field=name,
    )
