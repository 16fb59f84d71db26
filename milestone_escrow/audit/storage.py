"""Where the contract stores what: the slots of its words, and what the words say. Pure.

The bits are those of ``contracts/modules/packing.vy``, the first slots those of the compiler's
storage layout; tests hold both against the compiled contract.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from eth_utils.crypto import keccak

from milestone_escrow.deal_state import Deal, DealMilestone, Status

__all__ = [
    "FIRST_SLOTS",
    "DealWord",
    "MilestoneWord",
    "credit_slot",
    "deal_slot",
    "deal_word",
    "milestone_slot",
    "milestone_word",
    "read_deal_word",
    "read_milestone_word",
]

FIRST_SLOTS: Final = {"ledger.credits": 0, "deals": 1, "milestones": 2}
"""Slot of each of the contract's maps, by the variable's name in the compiler's layout."""

_MASK: Final = (1 << 10) - 1  # a bit for each milestone
_PHASES: Final = {Status.FUNDED: 0, Status.REQUESTED: 1, Status.DISPUTED: 2}
_PHASE_NAMES: Final = ("funded", "requested", "disputed")


# --- Slots


def deal_slot(deal_id: bytes) -> int:
    """Return the slot of a deal's word."""
    return _slot(FIRST_SLOTS["deals"], deal_id)


def milestone_slot(deal_id: bytes, index: int) -> int:
    """Return the slot of a milestone's word."""
    return _slot(_slot(FIRST_SLOTS["milestones"], deal_id), index.to_bytes(32))


def credit_slot(token: str, owner: str) -> int:
    """Return the slot of an owner's credit in a token."""
    return _slot(_slot(FIRST_SLOTS["ledger.credits"], _key(token)), _key(owner))


def _slot(of_map: int, key: bytes) -> int:
    """Return the slot of a value of a Vyper ``HashMap``."""
    return int.from_bytes(keccak(of_map.to_bytes(32) + key))


def _key(address: str) -> bytes:
    return bytes(12) + bytes.fromhex(address[2:])


# --- Words


@dataclass(frozen=True, slots=True)
class DealWord:
    """What a deal's word says. The masks have a bit for each milestone.

    Attributes:
        opened: The deal was opened.
        closed: It was replaced by another.
        bound: The freelancer has signed or accepted.
        funded: Milestones that were funded and not withdrawn.
        settled: Milestones that are settled.
        tracked: Milestones that have a word of their own.
        last_activity: Unix seconds; zero: none after the final deadline.
    """

    opened: bool
    closed: bool
    bound: bool
    funded: int
    settled: int
    tracked: int
    last_activity: int


@dataclass(frozen=True, slots=True)
class MilestoneWord:
    """What a milestone's word says.

    Attributes:
        paid: Gross, raw units.
        phase: ``funded``, ``requested`` or ``disputed``.
        since: Unix seconds of the open request or dispute, else zero.
    """

    paid: int
    phase: str
    since: int


def deal_word(deal: Deal) -> int:
    """Return the word that the contract must have for a deal."""
    tracked = sum(
        1 << index for index, milestone in enumerate(deal.milestones) if milestone_word(milestone)
    )
    return (
        1
        | deal.closed << 1
        | deal.bound << 2
        | deal.funded << 112
        | deal.settled << 16
        | tracked << 32
        | deal.last_activity << 48
    )


def milestone_word(milestone: DealMilestone) -> int:
    """Return the word that the contract must have for a milestone; zero: none."""
    view = milestone.view()
    return view.paid | _PHASES.get(milestone.status, 0) << 128 | view.since << 136


def read_deal_word(word: int) -> DealWord:
    """Return what a deal's word says.

    Raises:
        ValueError: A bit is set that has no meaning.
    """
    read = DealWord(
        opened=bool(word & 1),
        closed=bool(word & 2),
        bound=bool(word & 4),
        funded=word >> 112 & _MASK,
        settled=word >> 16 & _MASK,
        tracked=word >> 32 & _MASK,
        last_activity=word >> 48 & (1 << 64) - 1,
    )
    known = 7 | _MASK << 16 | _MASK << 32 | ((1 << 64) - 1) << 48 | _MASK << 112
    if word & ~known:
        raise ValueError("a deal's word has bits without a meaning")
    return read


def read_milestone_word(word: int) -> MilestoneWord:
    """Return what a milestone's word says.

    Raises:
        ValueError: A bit is set that has no meaning, or the phase is none.
    """
    phase = word >> 128 & 3
    known = (1 << 128) - 1 | 3 << 128 | ((1 << 64) - 1) << 136
    if word & ~known or phase == 3:
        raise ValueError("a milestone's word has bits without a meaning")
    return MilestoneWord(word & (1 << 128) - 1, _PHASE_NAMES[phase], word >> 136)
