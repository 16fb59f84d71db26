"""An arbitrator, and the adapter that makes an arbiter of it, beside a scene's escrow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from eth_abi.abi import decode
from eth_utils.abi import collapse_if_tuple, event_abi_to_log_topic
from eth_utils.address import to_checksum_address

from milestone_escrow.agreement import DAY, Agreement
from milestone_escrow.events import Event, RawLog
from tests.compiled import compiled
from tests.contract.scene import Scene
from tests.evm import DEPLOYER, Contract, Receipt, deploy
from tests.roles import STRANGER

__all__ = [
    "ADAPTER",
    "ARBITRATION_PERIOD",
    "EXTRA_DATA",
    "FEE",
    "FEE_PERIOD",
    "PATIENCE",
    "Case",
    "Court",
    "Heard",
]

ADAPTER: Final = "arbiters/ArbiterAdapter.vy"
FEE: Final = 10_001  # wei of a dispute; odd, so that halves differ
FEE_PERIOD: Final = 3 * DAY
ARBITRATION_PERIOD: Final = 20 * DAY
PATIENCE: Final = 180 * DAY  # of the adapter, from the end of the ruling period
EXTRA_DATA: Final = b"\0" * 31 + b"\x07"


class Case(NamedTuple):
    """What the view ``case`` answers."""

    status: int
    fee: int
    due: int
    ruling_ends: int
    ruling: int


@dataclass(frozen=True, slots=True)
class Heard:
    """What a call of the adapter did.

    Attributes:
        said: The adapter's events, each by its name and fields.
        escrow: The escrow's.
        receipt: All of it.
    """

    said: tuple[tuple[str, dict[str, Any]], ...]
    escrow: tuple[Event, ...]
    receipt: Receipt

    def of(self, name: str) -> dict[str, Any]:
        """Return the fields of the one event of a name."""
        (fields,) = (fields for said, fields in self.said if said == name)
        return fields


class Court:
    """Calls come from whoever makes them usually; rulings from the arbitrator's owner."""

    def __init__(self, scene: Scene, arbitrator: Contract | None = None) -> None:
        self.scene = scene
        self.notes = deploy(scene.chain, "DealNotes.vy", scene.escrow.address)
        self.arbitrator = arbitrator or deploy(scene.chain, "mocks/CentralizedArbitrator.vy", FEE)
        self.adapter = deploy(
            scene.chain,
            ADAPTER,
            self.notes.address,
            self.arbitrator.address,
            EXTRA_DATA,
            FEE_PERIOD,
            ARBITRATION_PERIOD,
            "/ipfs/meta.json",
        )
        self.address = self.adapter.address

    # --- Deals

    def terms(self, **changes: Any) -> dict[str, Any]:
        """Return the terms of an agreement that the adapter can serve."""
        return {"arbiter": self.address, "arbiter_bps": 0} | changes

    def disputed(self, indexes: Sequence[int] = (0,), **changes: Any) -> Agreement:
        """Return a deal that names the adapter, with milestones disputed now."""
        return self.scene.disputed(indexes, **self.terms(**changes))

    def paid(self, **changes: Any) -> Agreement:
        """Return a disputed deal for which both sides have paid, the freelancer first."""
        agreement = self.disputed(**changes)
        self.pay(agreement, agreement.freelancer)
        self.pay(agreement, agreement.employer)
        return agreement

    def submitted(self, **changes: Any) -> Agreement:
        """Return a disputed deal that is with the arbitrator, as its first dispute."""
        agreement = self.paid(**changes)
        self.submit(agreement)
        return agreement

    def ruled(self, ruling: int, **changes: Any) -> Agreement:
        """Return a disputed deal that the arbitrator has ruled."""
        agreement = self.submitted(**changes)
        self.rule(ruling)
        return agreement

    # --- Calls

    def send(self, name: str, *arguments: Any, sender: str, value: int = 0) -> Heard:
        """Make any call of the adapter."""
        return self.heard(self.adapter.send(name, *arguments, sender=sender, value=value))

    def heard(self, receipt: Receipt) -> Heard:
        """Read the events of a call that may have gone through another contract."""
        said = tuple(_decoded(log) for log in receipt.logs if log.address == self.address)
        return Heard(said, self.scene.escrow.outcome(receipt).events, receipt)

    def confirm(self, agreement: Agreement) -> Heard:
        """Have the adapter confirm, as anyone."""
        return self.send("confirm", agreement, sender=STRANGER)

    def pay(self, agreement: Agreement, who: str, value: int = FEE, index: int = 0) -> Heard:
        """Pay the arbitrator's fee for a side."""
        return self.send("pay_fee", agreement, index, sender=who, value=value)

    def submit(self, agreement: Agreement, value: int = 0, index: int = 0) -> Heard:
        """Hand the case over, as anyone."""
        return self.send("submit", agreement, index, sender=STRANGER, value=value)

    def rule(self, ruling: int, dispute_id: int = 0) -> Heard:
        """Rule, as the arbitrator's owner."""
        return self.heard(self.arbitrator.send("rule", dispute_id, ruling, sender=DEPLOYER))

    def rule_at_will(self, dispute_id: int, ruling: int) -> Heard:
        """Rule as the arbitrator itself, past its own checks."""
        chain, sender = self.scene.chain, self.arbitrator.address
        code = chain.code(sender)
        chain.set_code(sender, b"")  # what has code cannot send
        try:
            return self.send("rule", dispute_id, ruling, sender=sender)
        finally:
            chain.set_code(sender, code)

    def execute(self, agreement: Agreement, index: int = 0, sender: str = STRANGER) -> Heard:
        """Execute, as anyone."""
        return self.send("execute", agreement, index, sender=sender)

    def set_cost(self, cost: int) -> None:
        """Set the arbitrator's price."""
        self.arbitrator.send("set_cost", cost, sender=DEPLOYER)

    # --- Looking

    def case_id(self, agreement: Agreement, index: int = 0) -> int:
        """Return the id of a milestone's case."""
        return int(self.adapter.read("case_id", self.scene.escrow.id_of(agreement), index))

    def case(self, agreement: Agreement, index: int = 0) -> Case:
        """Return what is stored of a milestone's case."""
        return Case(*self.adapter.read("case", self.case_id(agreement, index)))

    def credit(self, owner: str) -> int:
        """Return an owner's credit, wei."""
        return int(self.adapter.read("credit", owner))

    def credits(self, agreement: Agreement) -> tuple[int, int]:
        """Return the credits of freelancer and employer, wei."""
        return self.credit(agreement.freelancer), self.credit(agreement.employer)

    def balance(self) -> int:
        """Return what the adapter has, wei."""
        return self.scene.chain.balance(self.address)

    def ruling_ends(self, agreement: Agreement, index: int = 0) -> int:
        """Return when the escrow takes no ruling any more; the milestone is disputed."""
        since = self.scene.escrow.milestone(agreement, index).since
        return since + agreement.ruling_period


def _decoded(log: RawLog) -> tuple[str, dict[str, Any]]:
    topics = [log.topics[at : at + 32] for at in range(0, len(log.topics), 32)]
    (event,) = (
        entry
        for entry in compiled(ADAPTER).abi
        if entry["type"] == "event" and event_abi_to_log_topic(_event(entry)) == topics[0]
    )
    indexed = [field for field in event["inputs"] if field["indexed"]]
    others = [field for field in event["inputs"] if not field["indexed"]]
    values = {
        field["name"]: _value(*decode([field["type"]], topic))
        for field, topic in zip(indexed, topics[1:], strict=True)
    }
    types = [collapse_if_tuple(field) for field in others]
    names = [field["name"] for field in others]
    values |= dict(zip(names, decode(types, log.data), strict=True))
    return event["name"], values


def _event(entry: dict[str, Any]) -> Any:
    return entry


def _value(value: Any) -> Any:
    return to_checksum_address(value) if isinstance(value, str) else value
