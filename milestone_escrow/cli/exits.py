"""What the command's exit codes mean, and which error has which."""

from __future__ import annotations

from typing import Final

from milestone_escrow.exceptions import EscrowError, NodeError, UsageError

__all__ = [
    "BROKEN_PIPE",
    "EXIT_CODES",
    "INTERRUPTED",
    "MISTAKE",
    "REFUSED",
    "TERMINATED",
    "USAGE",
    "code_of",
]

REFUSED: Final = 1
USAGE: Final = 2
UNREACHABLE: Final = 3
MISTAKE: Final = 70  # as sysexits.h has it
INTERRUPTED: Final = 130
TERMINATED: Final = 143
BROKEN_PIPE: Final = 141  # what a program that SIGPIPE ends has in a shell

_ANSWERED: Final = ("node-refused", "failed")  # a node was there, and said no

EXIT_CODES: Final = (
    (0, "it was done"),
    (REFUSED, "the contract, the chain or the data said no"),
    (USAGE, "wrong usage: an option or a value makes no sense"),
    (UNREACHABLE, "no node, the wrong chain, or no answer in time"),
    (MISTAKE, "a mistake in this program: --debug shows where"),
    (INTERRUPTED, "stopped by Ctrl-C"),
    (TERMINATED, "stopped by SIGTERM before it was done"),
)
"""Exit codes and their meaning, as the main help lists them."""


def code_of(error: EscrowError) -> int:
    """Return the exit code that an error ends the command with."""
    if isinstance(error, UsageError):
        return USAGE
    if isinstance(error, NodeError) and error.code not in _ANSWERED:
        return UNREACHABLE
    return REFUSED
