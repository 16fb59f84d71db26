"""A receipt in words and as JSON: what happened, by the events."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from milestone_escrow.cli.output import Column, Screen
from milestone_escrow.cli.words import instant, short_address

if TYPE_CHECKING:
    from milestone_escrow.agreement import Agreement
    from milestone_escrow.arbiter_events import CaseEvent
    from milestone_escrow.cli.calling.places import Place
    from milestone_escrow.client import Receipt
    from milestone_escrow.notes import Note

__all__ = ["case_saying", "happened", "note_saying", "receipt_json", "show_events"]

_COLUMNS: Final = (
    Column("#", right=True),
    Column("EVENT", status=True),
    Column("WHAT", flows=True),
)
_DIGITS: Final = 10  # of a hash that is shown


def happened(
    receipt: Receipt, place: Place, agreement: Agreement | None
) -> list[tuple[str, str, str]]:
    """Return milestone, event and words of all that is in a receipt, in the chain's order."""
    from milestone_escrow.calls import ERC20
    from milestone_escrow.cli.sayings import saying
    from milestone_escrow.tokens import NATIVE_COIN

    def amounts_of(event: object) -> Callable[[int], str]:
        token = getattr(event, "token", None) or (agreement.token if agreement else None)
        return (NATIVE_COIN if token is None else place.token(token)).show

    found: list[tuple[int, str, str, str]] = []
    for record in receipt.records:
        index = getattr(record.event, "index", None)
        words = saying(record.event, amounts_of(record.event))
        found.append((record.log_index, _number(index), type(record.event).__name__, words))
    for note in receipt.notes:
        index = note.values.get("index")
        found.append((note.log_index, _number(index), note.name, note_saying(note)))
    for case in receipt.cases:
        index = getattr(case.event, "index", None)
        name, words = type(case.event).__name__, case_saying(case.event)
        found.append((case.log_index, _number(index), name, words))
    if receipt.call.contract == ERC20:
        amount = int.from_bytes(receipt.call.data[-32:], "big")
        allowed = place.token(str(receipt.call.to)).show(amount)
        found.append((0, "", "Approval", f"the escrow may take {allowed}"))
    return [(number, name, _named(words, place)) for _, number, name, words in sorted(found)]


def show_events(screen: Screen, events: list[tuple[str, str, str]]) -> None:
    """Write what happened, or would."""
    screen.table(_COLUMNS, [list(event) for event in events])


def receipt_json(receipt: Receipt) -> dict[str, Any]:
    """Return what happened in a receipt: gas, and the events of all contracts."""
    from milestone_escrow.events import event_to_json
    from milestone_escrow.notes import note_to_json

    return {
        "gas_used": receipt.gas_used,
        "events": [event_to_json(record) for record in receipt.records],
        "notes": [note_to_json(note) for note in receipt.notes],
        "cases": [
            {
                "event": type(case.event).__name__,
                "log_index": case.log_index,
                "args": {name: _plain(value) for name, value in asdict(case.event).items()},
            }
            for case in receipt.cases
        ],
    }


def note_saying(note: Note) -> str:
    """Return what a note says, in a few words."""
    values = note.values
    by = short_address(note.actor)
    match note.name:
        case "FundingRequested":
            return f"of milestone {', '.join(map(str, values['indexes']))}, by {by}"
        case "Reported":
            return f"{values['percent']} % done, by {by}{_hash(values['evidence'])}"
        case "Rated":
            return f"{values['score']} of 5, by {by}{_hash(values['review'])}"
        case _:
            said = next((value for value in values.values() if isinstance(value, bytes)), b"")
            return f"by {by}{_hash(said)}"


def case_saying(event: CaseEvent) -> str:
    """Return what an event of the arbiter adapter says, in a few words."""
    from milestone_escrow import arbiter_events
    from milestone_escrow.arbiter import RULINGS
    from milestone_escrow.tokens import NATIVE_COIN

    show = NATIVE_COIN.show
    match event:
        case arbiter_events.FeePaid():
            return (
                f"{show(event.fee)} by {short_address(event.actor)}; "
                f"the other side pays before {instant(event.due)}"
            )
        case arbiter_events.Submitted():
            return (
                f"dispute {event.dispute_id} at the arbitrator, who got {show(event.cost)}; "
                f"{show(event.fee)} for the winner"
            )
        case arbiter_events.Executed():
            ruled = "as ruled" if event.ruled else "without the escrow"
            fees = f"{show(event.freelancer_fee)} and {show(event.employer_fee)}"
            return (
                f"{RULINGS[event.ruling]} ({ruled}); {fees} of the fees to freelancer and employer"
            )
        case arbiter_events.Credited():
            return f"{show(event.amount)} to {short_address(event.owner)}"
        case arbiter_events.CreditPaid():
            return f"{show(event.amount)} to {short_address(event.receiver)}"
        case arbiter_events.Dispute():
            return f"number {event.dispute_id} of {short_address(event.arbitrator)}"
        case arbiter_events.Ruling():
            return f"dispute {event.dispute_id}: {RULINGS[event.ruling]}"
        case arbiter_events.Evidence():
            return f"{_printable(event.evidence)}, by {short_address(event.party)}"
        case arbiter_events.MetaEvidence():
            return _printable(event.evidence)


def _named(words: str, place: Place) -> str:
    """Put the roles of the devnet before their addresses."""
    for address in place.roles.values():
        words = words.replace(short_address(address), place.who(address))
    return words


def _number(index: object) -> str:
    return "" if index is None else str(index)


def _hash(value: bytes) -> str:
    return f"; 0x{value.hex()[:_DIGITS]}…" if any(value) else ""


def _printable(text: str) -> str:
    """A stranger's text: control and direction characters must not reach a terminal."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


def _plain(value: Any) -> Any:
    """Return a value as JSON has it: uint256 as decimal strings, bytes as 0x-hex."""
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value
