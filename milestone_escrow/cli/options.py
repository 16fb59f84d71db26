"""Options that several commands share."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

import click

from milestone_escrow.cli.output import Screen
from milestone_escrow.exceptions import UsageError

__all__ = [
    "AddressType",
    "DealIdType",
    "Moment",
    "PlaceType",
    "Target",
    "TimeType",
    "at_option",
    "deal_option",
    "examples",
    "one_of_deal_and_party",
    "output_options",
    "party_option",
    "target_options",
]

_Command = TypeVar("_Command", bound=Callable[..., Any])

# In September 2001, before any chain; none has as many blocks.
_FIRST_TIME: Final = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Target:
    """Which chain, escrow and index a command is about, as far as the user said.

    Attributes:
        rpc: The node's URL.
        chain_id: The only chain that is right.
        escrow: The contract's address, checksummed.
        store: The index: a file, or the URL of a database.
    """

    rpc: str | None = None
    chain_id: int | None = None
    escrow: str | None = None
    store: Path | str | None = None


class AddressType(click.ParamType):
    """An address; becomes its checksummed form."""

    name = "address"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Check it, its checksum too where it has one."""
        from milestone_escrow.abi_values import to_address

        return to_address(value, param.opts[0] if param else "The value", UsageError)


class TimeType(click.ParamType):
    """A time, in unix seconds or as ISO 8601 writes it; becomes unix seconds."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read it; without an offset it is UTC."""
        if isinstance(value, int) or re.fullmatch(r"[0-9]{1,12}", value):
            return int(value)
        try:
            read = datetime.fromisoformat(value)
        except ValueError:
            self.fail(
                f"{value[:80]!r} is not a time: give unix seconds, or such as 2030-01-31T12:00.",
                param,
                ctx,
            )
        return int((read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp())


@dataclass(frozen=True, slots=True)
class Moment:
    """What ``--at`` names: the end of a block, or a time.

    Attributes:
        block: Number of the block; None: it is a time.
        time: Unix seconds; None: it is a block.
    """

    block: int | None = None
    time: int | None = None


class MomentType(click.ParamType):
    """A block's number or a time; a number from ``_FIRST_TIME`` on is unix seconds."""

    name = "moment"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Moment:
        """Read it."""
        if isinstance(value, Moment):
            return value
        if re.fullmatch(r"[0-9]{1,12}", str(value)) and int(value) < _FIRST_TIME:
            return Moment(block=int(value))
        try:
            return Moment(time=TimeType().convert(value, param, ctx))
        except click.BadParameter:
            self.fail(
                f"{str(value)[:80]!r} is neither a block nor a time: give a number, unix seconds, "
                "or such as 2030-01-31T12:00.",
                param,
                ctx,
            )


class DealIdType(click.ParamType):
    """A deal id or the beginning of one; becomes 0x and its digits in small letters."""

    name = "deal id"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Check that it is hexadecimal."""
        match = re.fullmatch(r"(?:0[xX])?([0-9a-fA-F]{1,64})", str(value))
        if match is None:
            self.fail(
                f"{str(value)[:80]!r} is not a deal id: give 0x and up to 64 hexadecimal digits.",
                param,
                ctx,
            )
        return "0x" + match[1].lower()


class PlaceType(click.ParamType):
    """An event's place, BLOCK:LOGINDEX; becomes the two integers."""

    name = "place"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int]:
        """Read it."""
        if isinstance(value, tuple):
            return value
        match = re.fullmatch(r"([0-9]{1,15}):([0-9]{1,6})", value)
        if match is None:
            self.fail(f"{value[:80]!r} is not BLOCK:LOGINDEX, such as 120:3.", param, ctx)
        return int(match[1]), int(match[2])


class _UrlType(click.ParamType):
    name = "url"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            parts = urlsplit(str(value))
            fits = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            fits = False
        if not fits:
            # Not repeated: it may hold a secret.
            self.fail("it is not a node's URL, such as http://127.0.0.1:8545.", param, ctx)
        return str(value)


class StoreType(click.ParamType):
    """Where an index is: becomes a path, or the URL of a database."""

    name = "store"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Path | str:
        """Read it."""
        from milestone_escrow.indexer.engine import database_of

        return database_of(value)


_RPC: Final = click.option(
    "--rpc",
    type=_UrlType(),
    envvar="ESCROW_RPC",
    metavar="URL",
    help="The node. Default: ESCROW_RPC, else the devnet if it is up, else http://127.0.0.1:8545.",
)
_CHAIN_ID: Final = click.option(
    "--chain-id", type=click.IntRange(1), metavar="N", help="Refuse any other chain."
)
_ESCROW: Final = click.option(
    "--escrow",
    type=AddressType(),
    metavar="ADDRESS",
    help="The contract. Default: the newest one deployed from this folder on that chain.",
)
_STORE: Final = click.option(
    "--store",
    type=StoreType(),
    metavar="PATH|URL",
    help="The index: a file, or postgresql://... Default: .escrow/index.sqlite.",
)
_TARGET: Final = {"rpc": _RPC, "chain_id": _CHAIN_ID, "escrow": _ESCROW, "store": _STORE}


def deal_option(help: str) -> Callable[[_Command], _Command]:
    """Add ``--deal``, which the function gets as ``deal_id``."""
    return click.option("--deal", "deal_id", type=DealIdType(), metavar="ID", help=help)


def party_option(help: str) -> Callable[[_Command], _Command]:
    """Add ``--party``."""
    return click.option("--party", type=AddressType(), metavar="ADDRESS", help=help)


def at_option(help: str) -> Callable[[_Command], _Command]:
    """Add ``--at BLOCK|TIME``, which the function gets as ``at``, a ``Moment`` or None."""
    return click.option("--at", type=MomentType(), metavar="BLOCK|TIME", help=help)


def one_of_deal_and_party(command: str, deal_id: str | None, party: str | None) -> None:
    """Refuse that both are given.

    Raises:
        UsageError: They are.
    """
    if deal_id is not None and party is not None:
        raise UsageError("Give --deal or --party, not both.", f"See escrow {command} --help.")


def examples(*lines: str) -> str:
    """Return the end of a command's help: example lines, kept as they are."""
    title = "Example:" if len(lines) == 1 else "Examples:"
    return "\n".join(["\b", title, *(f"  {line}" for line in lines)])


def target_options(*names: str) -> Callable[[_Command], _Command]:
    """Add some of the options of ``Target``, which the function gets as ``target``."""

    def decorate(function: _Command) -> _Command:
        @functools.wraps(function)
        def command(*args: Any, **values: Any) -> Any:
            target = Target(**{name: values.pop(name) for name in names})
            return function(*args, target=target, **values)

        for name in reversed(names):
            command = _TARGET[name](command)
        return command  # type: ignore[return-value]

    return decorate


def output_options(function: _Command) -> _Command:
    """Add ``--json`` and ``--debug``; the function gets a ``screen``."""

    @functools.wraps(function)
    def command(*args: Any, **values: Any) -> Any:
        return function(*args, screen=Screen(json=values.pop("json")), **values)

    command = click.option("--debug", is_flag=True, expose_value=False, help="Show tracebacks.")(
        command
    )
    command = click.option("--json", is_flag=True, help="Write JSON instead of text.")(command)
    return command  # type: ignore[return-value]
