"""Whether the answers may be believed to be level with the chain."""

from __future__ import annotations

import threading
from dataclasses import asdict, dataclass
from time import monotonic
from typing import Final

from frontend_bridge.api.models_facts import Readiness
from frontend_bridge.api.pages import Head
from frontend_bridge.api.pulse import Pulse
from milestone_escrow.exceptions import EscrowError
from milestone_escrow.indexer.health import Health

__all__ = ["NodeWatch", "Standing", "standing_of"]

_STILL: Final = 5.0  # seconds without a look at the index that are borne
_MOST_LAG: Final = 5  # blocks behind the node's head
_TIMEOUT: Final = 10.0


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known at one moment; ``Readiness`` says what of it is sent."""

    ready: bool
    why: str | None
    remedy: str
    code: str | None
    block: int | None
    head: int | None
    final: int | None

    def answer(self) -> Readiness:
        """Return what is sent."""
        return Readiness(**asdict(self))


class NodeWatch(threading.Thread):
    """Asks a node for its head, for a bridge whose index somebody else follows.

    Attributes:
        head: The node's last answer; None: none yet.
        answered: When, seconds of ``monotonic``.
        chain_id: Of the node's chain; None before it answered.
    """

    def __init__(self, rpc: str, interval: float = 2.0) -> None:
        """Remember whom to ask, and how often."""
        super().__init__(name="node", daemon=True)
        self.head: int | None = None
        self.chain_id: int | None = None
        self.answered: float | None = None
        self._rpc = rpc
        self._interval = interval
        self._stopped = threading.Event()

    def stop(self) -> None:
        """End."""
        self._stopped.set()

    def run(self) -> None:
        """Ask until stopped."""
        from milestone_escrow.client import connect
        from milestone_escrow.rpc_errors import chain_id_of, request

        w3 = None
        while not self._stopped.is_set():
            try:
                if w3 is None:
                    w3 = connect(self._rpc)
                    self.chain_id = chain_id_of(w3)
                self.head = int(request(w3, "eth_blockNumber"), 16)
                self.answered = monotonic()
            except EscrowError:
                w3 = None
            self._stopped.wait(self._interval)


def standing_of(
    head: Head | None,
    pulse: Pulse,
    health: Health | None,
    node: NodeWatch | None,
) -> Standing:
    """Return whether answers are level with the chain.

    Args:
        head: How far the index was read.
        pulse: What reads it.
        health: Of the indexer in this process; None: there is none.
        node: What asks a node in its place; None: nobody does.
    """
    block = None if head is None else head.number
    final = None if head is None else head.final

    def no(why: str, remedy: str, code: str) -> Standing:
        return Standing(False, why, remedy, code, block, top, final)

    vitals = None if health is None else health.vitals()
    top = vitals.head if vitals is not None else None if node is None else node.head
    if pulse.failed is not None:
        return no("The index cannot be read.", "See the bridge's log.", pulse.failed.code)
    if head is None or head.time is None or pulse.looked is None:
        return no("The index was not read yet.", "Wait.", "starting")
    if monotonic() - pulse.looked > _STILL:
        return no("The index does not answer.", "Check the database.", "index-silent")
    if vitals is not None:
        if not vitals.ready:
            return no(vitals.why or "It is not.", vitals.remedy, vitals.code or "not-ready")
    elif node is not None:
        if node.answered is None or monotonic() - node.answered > _TIMEOUT:
            return no("The node does not answer.", "Check the node.", "node-silent")
        if node.chain_id != pulse.chain_id:
            return no("The node is of another chain than the index.", "Check --rpc.", "wrong-chain")
        if (node.head or 0) - head.number > _MOST_LAG:
            behind = (node.head or 0) - head.number
            return no(f"The index is {behind} blocks behind the node.", "Wait.", "behind")
    return Standing(True, None, "", None, block, top, final)
