"""The escrow's events: one frozen dataclass each.

Field names, their order and what is indexed are those of
``contracts/interfaces/IMilestoneEscrow.vyi``. The ABI type of a field follows from its Python type:
``str`` is an ``address`` (checksummed), ``bytes`` a ``bytes32``, ``int`` a ``uint256`` (amounts in
raw units, times in unix seconds), and ``Agreement`` the struct. In every event the indexed fields
come first. ``milestone_escrow.events`` passes all of this on, with the decoder.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import IntEnum
from typing import Annotated, Any, Final, TypeVar, get_args, get_origin, get_type_hints

from milestone_escrow.agreement import Agreement
from milestone_escrow.checksums import keccak

__all__ = [
    "EVENTS",
    "Accepted",
    "Active",
    "CreditPaid",
    "Credited",
    "Disputed",
    "Event",
    "Funded",
    "Indexed",
    "Moved",
    "Opened",
    "Reason",
    "Refunded",
    "ReleaseRequested",
    "Released",
    "RequestVoided",
    "Ruled",
    "Superseded",
    "abi_inputs",
    "signature",
    "topic0",
]

_T = TypeVar("_T")
_INDEXED: Final = "indexed"
Indexed = Annotated[_T, _INDEXED]
"""A field that is a topic of the log, not part of its data."""


class Reason(IntEnum):
    """Why money left a milestone: the ``reason`` of ``Released`` and ``Refunded``."""

    EMPLOYER = 1  # released by the employer
    VOUCHER = 2  # released by the employer's voucher
    OVERDUE = 3  # released because the review period ended
    RULING = 4  # split by the arbiter
    FALLBACK = 5  # split because nobody ruled in time
    SETTLEMENT = 6  # split by both parties
    CANCEL = 7  # refunded by the freelancer
    WITHDRAW = 8  # taken back by the employer, nobody being bound
    DORMANT = 9  # refunded because the deal lapsed


# --- The deal


@dataclass(frozen=True, slots=True)
class Opened:
    """A deal was opened by its first funding, or by the amendment of another."""

    deal_id: Indexed[bytes]
    employer: Indexed[str]
    freelancer: Indexed[str]
    agreement: Agreement


@dataclass(frozen=True, slots=True)
class Accepted:
    """The freelancer is bound, by a signature or by a transaction."""

    deal_id: Indexed[bytes]
    freelancer: Indexed[str]


@dataclass(frozen=True, slots=True)
class Superseded:
    """A deal was closed for ever; ``moved`` raw units went on to its successor."""

    deal_id: Indexed[bytes]
    successor: Indexed[bytes]
    employer: Indexed[str]
    moved: int


@dataclass(frozen=True, slots=True)
class Active:
    """A party or the arbiter acted after the final deadline, at ``last_activity``."""

    deal_id: Indexed[bytes]
    actor: Indexed[str]
    last_activity: int


# --- The milestone; `remaining` is what it still holds afterwards, raw units


@dataclass(frozen=True, slots=True)
class Funded:
    """A milestone holds all of its amount."""

    deal_id: Indexed[bytes]
    index: Indexed[int]
    remaining: int


@dataclass(frozen=True, slots=True)
class ReleaseRequested:
    """The freelancer asked for the release; the review period runs from ``since``."""

    deal_id: Indexed[bytes]
    index: Indexed[int]
    freelancer: Indexed[str]
    evidence: bytes
    since: int
    remaining: int


@dataclass(frozen=True, slots=True)
class RequestVoided:
    """The freelancer took the request back."""

    deal_id: Indexed[bytes]
    index: Indexed[int]
    freelancer: Indexed[str]
    remaining: int


@dataclass(frozen=True, slots=True)
class Disputed:
    """A party froze the milestone; the ruling period runs from ``since``."""

    deal_id: Indexed[bytes]
    index: Indexed[int]
    actor: Indexed[str]
    reason: bytes
    since: int
    remaining: int


@dataclass(frozen=True, slots=True)
class Ruled:
    """The arbiter ruled; the split follows as ``Released`` and ``Refunded``."""

    deal_id: Indexed[bytes]
    index: Indexed[int]
    arbiter: Indexed[str]
    share: int
    freelancer_amount: int
    remaining: int


@dataclass(frozen=True, slots=True)
class Released:
    """``gross`` left the milestone for ``receiver``, who gets it less ``fee``."""

    deal_id: Indexed[bytes]
    index: Indexed[int]
    receiver: str
    gross: int
    fee: int
    remaining: int
    reason: Reason


@dataclass(frozen=True, slots=True)
class Refunded:
    """``amount`` left the milestone for ``receiver``, the employer."""

    deal_id: Indexed[bytes]
    index: Indexed[int]
    receiver: str
    amount: int
    remaining: int
    reason: Reason


@dataclass(frozen=True, slots=True)
class Moved:
    """All that remained of the milestone went on to the successor of its deal."""

    deal_id: Indexed[bytes]
    index: Indexed[int]
    successor: Indexed[bytes]
    amount: int


# --- Credits: what could not be pushed, fees and arbiters' shares


@dataclass(frozen=True, slots=True)
class Credited:
    """``owner`` may fetch ``amount`` more; ``credit`` is all that it may fetch."""

    token: Indexed[str]
    owner: Indexed[str]
    deal_id: Indexed[bytes]
    amount: int
    credit: int


@dataclass(frozen=True, slots=True)
class CreditPaid:
    """The whole credit of ``owner`` was paid to ``receiver``."""

    token: Indexed[str]
    owner: Indexed[str]
    receiver: Indexed[str]
    amount: int


Event = (
    Opened
    | Accepted
    | Superseded
    | Active
    | Funded
    | ReleaseRequested
    | RequestVoided
    | Disputed
    | Ruled
    | Released
    | Refunded
    | Moved
    | Credited
    | CreditPaid
)
EVENTS: Final[tuple[type[Event], ...]] = get_args(Event)


# --- Their signatures


def signature(event: type[Event]) -> str:
    """Return the event's canonical ABI signature, such as ``Accepted(bytes32,address)``."""
    return f"{event.__name__}({','.join(abi for _, abi, _ in abi_inputs(event))})"


def topic0(event: type[Event]) -> bytes:
    """Return the keccak256 of the event's signature, 32 bytes."""
    return _TOPICS[event]


def abi_inputs(event: type[Event]) -> tuple[tuple[str, str, bool], ...]:
    """Return (name, ABI type, indexed) of each field of the event, in order."""
    return _INPUTS[event]


def _inputs(event: type[Event]) -> tuple[tuple[str, str, bool], ...]:
    hints = get_type_hints(event, include_extras=True)
    return tuple(
        (field.name, _abi_type(hints[field.name]), _is_indexed(hints[field.name]))
        for field in fields(event)
    )


def _is_indexed(hint: Any) -> bool:
    return get_origin(hint) is Annotated and _INDEXED in hint.__metadata__


def _abi_type(hint: Any) -> str:
    if get_origin(hint) is Annotated:
        return _abi_type(get_args(hint)[0])
    if get_origin(hint) is tuple:
        return _abi_type(get_args(hint)[0]) + "[]"
    if hint in _ABI_TYPES:
        return _ABI_TYPES[hint]
    hints = get_type_hints(hint)
    return f"({','.join(_abi_type(hints[field.name]) for field in fields(hint))})"


_ABI_TYPES: Final[dict[type, str]] = {
    str: "address",
    bytes: "bytes32",
    int: "uint256",
    Reason: "uint256",
}

_INPUTS: Final = {event: _inputs(event) for event in EVENTS}
_TOPICS: Final = {event: keccak(signature(event).encode()) for event in EVENTS}
