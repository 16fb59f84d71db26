"""What an audit can find: the first thing that is not as it must be."""

from __future__ import annotations

from dataclasses import dataclass

from milestone_escrow.events import EventRecord

__all__ = ["Difference", "Found", "at_record"]


@dataclass(frozen=True, slots=True)
class Difference:
    """Two sources that say different things.

    Attributes:
        check: The check that found it, one of ``run.CHECKS``.
        what: What differs, a noun phrase.
        expected: What the more trustworthy source says.
        found: What the other one says.
        deal_id: The deal, None where it is about none.
        index: The milestone.
        block_number: The block.
        tx_hash: The transaction.
        log_index: The log in its block.
    """

    check: str
    what: str
    expected: str
    found: str
    deal_id: bytes | None = None
    index: int | None = None
    block_number: int | None = None
    tx_hash: bytes | None = None
    log_index: int | None = None

    @property
    def sentence(self) -> str:
        """All of it in one sentence."""
        places = [
            None if self.deal_id is None else f"deal 0x{self.deal_id.hex()}",
            None if self.index is None else f"milestone {self.index}",
            None if self.block_number is None else f"block {self.block_number}",
            None if self.log_index is None else f"log {self.log_index}",
            None if self.tx_hash is None else f"transaction 0x{self.tx_hash.hex()}",
        ]
        where = ", ".join(place for place in places if place)
        return (
            f"{self.what[0].upper()}{self.what[1:]}{f' ({where})' if where else ''}: "
            f"expected {self.expected}, found {self.found}."
        )

    def to_json(self) -> dict[str, object]:
        """Return it as JSON-able values."""
        return {
            "check": self.check,
            "what": self.what,
            "expected": self.expected,
            "found": self.found,
            "deal_id": None if self.deal_id is None else "0x" + self.deal_id.hex(),
            "index": self.index,
            "block_number": self.block_number,
            "log_index": self.log_index,
            "tx_hash": None if self.tx_hash is None else "0x" + self.tx_hash.hex(),
            "sentence": self.sentence,
        }


class Found(Exception):  # noqa: N818 - the audit turns it into its report
    """Ends a check at its first difference.

    Attributes:
        difference: The difference.
    """

    def __init__(self, difference: Difference) -> None:
        """Carry a difference."""
        super().__init__(difference.sentence)
        self.difference = difference


def at_record(check: str, what: str, expected: str, found: str, record: EventRecord) -> Found:
    """Return the end of a check at an event."""
    return Found(
        Difference(
            check,
            what,
            expected,
            found,
            getattr(record.event, "deal_id", None),
            getattr(record.event, "index", None),
            record.block_number,
            record.tx_hash,
            record.log_index,
        )
    )
