"""An agreement's terms as people read them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from milestone_escrow.cli.output import Column, Screen
from milestone_escrow.cli.words import at, instant

if TYPE_CHECKING:
    from milestone_escrow.agreement import Agreement
    from milestone_escrow.document import AgreementDocument

__all__ = ["show_milestones", "terms"]

_DAY: Final = 86_400


def terms(agreement: Agreement, amount: Callable[[int], str], now: int) -> list[tuple[str, str]]:
    """Return names and values of all but the milestones; ``amount`` shows the token's raw units."""
    from milestone_escrow.abi_values import ZERO_ADDRESS, ZERO_HASH
    from milestone_escrow.amounts import format_units

    def share(bps: int, of: str) -> str:
        return f"{format_units(bps, 2)} % of {of}"

    awarded = agreement.freelancer != ZERO_ADDRESS
    found = [
        ("employer", agreement.employer),
        ("freelancer", agreement.freelancer if awarded else "not awarded"),
    ]
    for name, address in (
        ("payee", agreement.payee),
        ("arbiter", agreement.arbiter),
        ("platform", agreement.platform),
        ("token", agreement.token),
    ):
        if address != ZERO_ADDRESS:
            found.append((name, address))
    found.append(("price", amount(agreement.price)))
    if agreement.fee_bps:
        found.append(("fee", share(agreement.fee_bps, "what the freelancer is paid")))
    if agreement.arbiter_bps:
        found.append(("ruling fee", share(agreement.arbiter_bps, "what is in dispute")))
    found += [
        ("accept by", at(agreement.accept_by, now)),
        ("review", f"{span(agreement.review_period)} from a request"),
        ("ruling", f"{span(agreement.ruling_period)} from a dispute"),
        ("fallback", share(agreement.fallback_freelancer_bps, "a late dispute to the freelancer")),
        ("document", f"0x{agreement.document.hex()}"),
    ]
    if agreement.supersedes != ZERO_HASH:
        found.append(("supersedes", f"0x{agreement.supersedes.hex()}"))
    return found


def show_milestones(
    screen: Screen,
    agreement: Agreement,
    amount: Callable[[int], str],
    document: AgreementDocument | None,
) -> None:
    """Write the milestones, with their titles where the document is there."""
    titles = [part.title for part in document.milestones] if document else []
    screen.table(
        [
            Column("#", right=True),
            Column("TITLE", flows=True),
            Column("AMOUNT", right=True),
            Column("DEADLINE", keep=5),
        ],
        [
            [
                str(index),
                titles[index] if index < len(titles) else "",
                amount(part.amount),
                instant(part.deadline),
            ]
            for index, part in enumerate(agreement.milestones)
        ],
    )


def span(seconds: int) -> str:
    """Return a period in days, to the second."""
    days, rest = divmod(seconds, _DAY)
    return f"{days} days" + (f" and {rest:,} s" if rest else "")
