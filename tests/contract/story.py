"""Steps of a play in words, for whoever must find out what went wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from milestone_escrow.agreement import AGREEMENT_FIELDS, Agreement
from tests.contract.cast import NAMES_OF_PEOPLE
from tests.contract.twin import Step, Twin
from tests.evm import START
from tests.model_deal import Deal, Signature
from tests.model_money import Permit

__all__ = ["story"]

_TOKENS: Final = ("zero", "the plain token", "the hostile token", "the permit token")
_TIMES: Final = ("accept_by", "deadline")


def story(steps: Sequence[Step], twin: Twin) -> str:
    """Return the agreements that some steps are about, then the steps, a line each.

    Times are seconds from the start of the play.
    """
    words = _Words(twin)
    agreements = {
        argument.id: argument.agreement
        for step in steps
        for argument in step.arguments
        if isinstance(argument, Deal)
    }
    for number, deal_id in enumerate(agreements):
        words.names[deal_id] = f"deal {number}"
    lines = [f"{words.names[of]}: {words.agreement(terms)}" for of, terms in agreements.items()]
    return "\n".join([*lines, *map(words.step, steps)])


class _Words:
    def __init__(self, twin: Twin) -> None:
        self.names: dict[Any, str] = {**NAMES_OF_PEOPLE, twin.escrow.address: "the escrow"}
        self.names.update(zip(twin.tokens, _TOKENS, strict=True))

    def step(self, step: Step) -> str:
        by = f" by {self.value(step.sender)}" if step.sender else ""
        coins = f" with {step.coins} wei" if step.coins else ""
        return f"{self.time(step.now)} {step.name}{self.value(step.arguments)}{by}{coins}"

    def agreement(self, agreement: Agreement) -> str:
        fields = [
            f"{name} {self.time(value) if name in _TIMES else self.value(value)}"
            for name, _ in AGREEMENT_FIELDS[:-1]
            if (value := getattr(agreement, name))
        ]
        parts = [f"{part.amount} by {self.time(part.deadline)}" for part in agreement.milestones]
        return f"{', '.join(fields)}; {', '.join(parts)}"

    def time(self, time: int) -> str:
        return f"{time - START:+}"

    def value(self, value: Any) -> str:
        if isinstance(value, Deal):
            return self.names[value.id]
        if isinstance(value, Signature):
            by = self.value(value.by) if value.by else "no key"
            return f"<{len(value.data)} bytes of {by} over {self.value(value.over)}>"
        if isinstance(value, Permit):
            by, owner = self.value(value.by), self.value(value.owner)
            return f"<permit {value.nonce} of {by} for {value.amount} of {owner}>"
        if isinstance(value, bytes):
            return self.names.get(value) or f"0x{value.lstrip(bytes(1)).hex()}"
        if isinstance(value, tuple):
            return f"({', '.join(map(self.value, value))})"
        return self.names.get(value, value) if isinstance(value, str) else str(value)
