"""What a row of the table of ``escrow call`` is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from milestone_escrow.calls import Call
from milestone_escrow.cli.calling.given import Given

__all__ = ["CREDIT", "SPLIT", "Row"]

SPLIT: Final = "The split is final."
CREDIT: Final = "All of the credit is paid at once, or nothing is."


@dataclass(frozen=True, slots=True)
class Row:
    """A call as a command.

    Attributes:
        name: The command's.
        contract: Whose call it is.
        who: Who may send it.
        does: What it does, one sentence.
        final: What is final about it, one sentence.
        takes: Its options, as ``arguments.OPTIONS`` knows them.
        example: The options of an example.
        build: Makes the call.
        function: The contract's; by default as the command.
        on_deal: It is about a deal.
        next: What usually comes next; {deal} and {index} are filled in.
    """

    name: str
    contract: str
    who: str
    does: str
    final: str
    takes: tuple[str, ...]
    example: str
    build: Callable[[Given], Call]
    function: str = ""
    on_deal: bool = True
    next: str = "escrow deal {deal}"
