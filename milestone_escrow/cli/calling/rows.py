"""What a row of the table of ``escrow call`` is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from milestone_escrow.call_facts import CALL_FACTS, CallFacts
from milestone_escrow.calls import Call
from milestone_escrow.cli.calling.given import Given

__all__ = ["Row"]


@dataclass(frozen=True, slots=True)
class Row:
    """A call as a command. Whose it is, who sends it and what is final are in ``call_facts``.

    Attributes:
        name: The command's.
        takes: Its options, as ``arguments.OPTIONS`` knows them.
        example: The options of an example.
        build: Makes the call.
        on_deal: It is about a deal.
        next: What usually comes next; {deal} and {index} are filled in.
    """

    name: str
    takes: tuple[str, ...]
    example: str
    build: Callable[[Given], Call]
    on_deal: bool = True
    next: str = "escrow deal {deal}"

    @property
    def facts(self) -> CallFacts:
        """What the library knows of the call."""
        return CALL_FACTS[self.name.replace("-", "_")]

    @property
    def contract(self) -> str:
        """Whose call it is."""
        return self.facts.contract

    @property
    def function(self) -> str:
        """The contract's name for it."""
        return self.facts.function

    @property
    def who(self) -> str:
        """Who may send it."""
        return self.facts.who

    @property
    def does(self) -> str:
        """What it does, one sentence."""
        return self.facts.does

    @property
    def final(self) -> str:
        """What is final about it, one sentence."""
        return self.facts.final
