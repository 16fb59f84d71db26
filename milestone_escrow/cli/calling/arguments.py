"""The options of calls: how each is written, and what it becomes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click

from milestone_escrow.cli.options import AddressType, TimeType

__all__ = ["OPTIONS", "When", "WhenType"]

_UNITS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_HASH: Final = re.compile(r"0x[0-9a-fA-F]{64}")


@dataclass(frozen=True, slots=True)
class When:
    """A time: so many seconds after the chain's, or at a unix second."""

    seconds: int
    relative: bool

    def at(self, now: int) -> int:
        """Return it in unix seconds."""
        return now + self.seconds if self.relative else self.seconds


class WhenType(click.ParamType):
    """A duration such as 7d from the chain's time, unix seconds, or ISO 8601."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> When:
        """Read it."""
        if isinstance(value, When):
            return value
        if match := re.fullmatch(r"([0-9]{1,9})([smhdw])", str(value)):
            return When(int(match[1]) * _UNITS[match[2]], relative=True)
        return When(TimeType().convert(value, param, ctx), relative=False)


class _IndexesType(click.ParamType):
    name = "indexes"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, ...] | str:
        if value == "all" or isinstance(value, tuple):
            return value  # type: ignore[no-any-return]
        if not re.fullmatch(r"[0-9]{1,3}(,[0-9]{1,3})*", str(value)):
            self.fail(f"{str(value)[:60]!r} is not such as 0,1 or all.", param, ctx)
        return tuple(int(part) for part in value.split(","))


class _HashType(click.ParamType):
    name = "hash"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> bytes:
        if isinstance(value, bytes):
            return value
        if not _HASH.fullmatch(str(value)):
            self.fail("it is not a hash: give 0x and 64 hexadecimal digits.", param, ctx)
        return bytes.fromhex(str(value)[2:])


def _file(name: str, help: str) -> click.Option:
    kind = click.Path(dir_okay=False, path_type=Path)
    return click.Option([f"--{name}"], type=kind, metavar="PATH", help=help)


def _hash(name: str, of: str) -> tuple[click.Option, click.Option]:
    return (
        click.Option([f"--{name}"], type=_HashType(), metavar="HASH", help=f"The hash of {of}."),
        _file(f"{name}-file", f"The file itself, {of}: it is hashed, JSON in its canonical form."),
    )


def _raw() -> click.Option:
    return click.Option(["--raw"], is_flag=True, help="Amounts are in the token's raw units.")


def _amount(name: str, help: str) -> tuple[click.Option, click.Option]:
    return (click.Option([f"--{name}"], metavar="AMOUNT", help=help), _raw())


def _text(name: str, metavar: str, help: str) -> click.Option:
    return click.Option([f"--{name}"], metavar=metavar, help=help)


_SIGNED: Final = "hexadecimal, or the file that escrow sign wrote."

OPTIONS: Final[Mapping[str, tuple[click.Option, ...]]] = {
    "indexes": (
        click.Option(
            ["--index"], type=click.IntRange(0), multiple=True, metavar="N", help="A milestone."
        ),
        click.Option(
            ["--indexes"], type=_IndexesType(), metavar="N,N", help="Milestones, or: all."
        ),
    ),
    "index": (
        click.Option(["--index"], type=click.IntRange(0), metavar="N", help="The milestone."),
    ),
    "amount": _amount("amount", "How much of it, before the fee."),
    "allowance": _amount("amount", "How much the escrow may take."),
    "amounts": (
        click.Option(
            ["--amount", "amounts"],
            multiple=True,
            metavar="AMOUNT",
            help="To the freelancer, before the fee: one for each milestone, in their order.",
        ),
        _raw(),
    ),
    "freelancer_amount": _amount("freelancer-amount", "To the freelancer, before the fee."),
    "paid_total": _amount("paid-total", "Paid so far and now together, before the fee."),
    "evidence": _hash("evidence", "what shows the work"),
    "reason": _hash("reason", "the complaint"),
    "note": _hash("note", "the note's text"),
    "review": _hash("review", "the review's text"),
    "signature": (_text("signature", "HEX|FILE", f"The other side's: {_SIGNED}"),),
    "expiry": (
        click.Option(
            ["--expiry"],
            type=WhenType(),
            metavar="TIME",
            help="When it ends, as signed: 7d from now, unix seconds, or 2030-01-31T12:00 in UTC.",
        ),
    ),
    "permit": (_file("permit", "What escrow sign permit --json wrote."),),
    "new": (_file("new", "The agreement that supersedes it."),),
    "token": (_text("token", "TOKEN", "An address, a symbol of the devnet, or ETH."),),
    "to": (_text("to", "ADDRESS", "Who is paid; default: the owner."),),
    "owner": (_text("owner", "ADDRESS", "Whose credit; default: the sender's."),),
    "percent": (
        click.Option(["--percent"], type=click.IntRange(0, 100), metavar="N", help="Work done."),
    ),
    "score": (click.Option(["--score"], type=click.IntRange(1, 5), metavar="N", help="1 to 5."),),
    "fee": (_text("fee", "AMOUNT", "In the native coin; default: what the adapter asks."),),
    "uri": (_text("uri", "URI", "Where the evidence is, at most 512 bytes."),),
    "adapter": (
        click.Option(["--adapter"], type=AddressType(), metavar="ADDRESS", help="The adapter."),
    ),
    "dispute_id": (
        click.Option(
            ["--dispute-id"], type=click.IntRange(0), metavar="N", help="The arbitrator's number."
        ),
    ),
    "ruling": (
        click.Option(
            ["--ruling"],
            type=click.Choice(["refused", "freelancer", "employer"]),
            help="Who gets the milestone; refused: half each.",
        ),
    ),
}
"""The options of each kind of argument. ``--raw`` is there once, however many amounts there are."""
