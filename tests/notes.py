"""The notes beside an escrow in a test's EVM, read as the library reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from milestone_escrow.notes import decode_note
from tests.escrow import Escrow
from tests.evm import deploy

__all__ = ["Notes", "Said"]


@dataclass(frozen=True, slots=True)
class Said:
    """A note, without its place on the chain."""

    name: str
    deal_id: bytes
    actor: str
    values: Mapping[str, Any]


class Notes:
    """A newly deployed notes contract of an escrow."""

    def __init__(self, escrow: Escrow) -> None:
        self.contract = deploy(escrow.chain, "DealNotes.vy", escrow.address)

    def send(self, name: str, *arguments: Any, sender: str, value: int = 0) -> Said:
        """Make a call and return the one note that it logs, nothing else being logged.

        Raises:
            ContractRevert: It reverted.
        """
        receipt = self.contract.send(name, *arguments, sender=sender, value=value)
        (log,) = receipt.logs
        assert log.address == self.contract.address
        topics = [log.topics[at : at + 32] for at in range(0, len(log.topics), 32)]
        note = decode_note(
            {
                "topics": ["0x" + topic.hex() for topic in topics],
                "data": "0x" + log.data.hex(),
                "blockNumber": hex(log.block_number),
                "logIndex": hex(log.log_index),
            }
        )
        assert note is not None
        assert len(topics) == (4 if "index" in note.values else 3), "deal, actor and index"
        return Said(note.name, note.deal_id, note.actor, note.values)
