"""``escrow call``: every call of the contracts, from one table."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Final

import click

from milestone_escrow.cli.options import examples

if TYPE_CHECKING:
    from milestone_escrow.cli.calling.rows import Row

__all__ = ["command"]

_SECTIONS: Final = {
    "MilestoneEscrow": "Calls of the escrow, in the order of a deal's life",
    "DealNotes": "Notes on a deal",
    "ArbiterAdapter": "Cases of an arbiter adapter",
    "ERC20": "The token of a deal",
}


def _rows() -> tuple[Row, ...]:
    """Return the table, whose builders the main help does without."""
    from milestone_escrow.cli.calling.table import CALLS

    return CALLS


class _Calls(click.Group):
    """The calls in the table's order, by section; a name may be written with underscores."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [row.name for row in _rows()]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        from milestone_escrow.cli.calling.commands import command_of

        name = cmd_name.replace("_", "-")
        return next((command_of(row) for row in _rows() if row.name == name), None)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if not ctx.resilient_parsing and args[0][:1] != "-" and not self.get_command(ctx, args[0]):
            near = difflib.get_close_matches(args[0], self.list_commands(ctx), n=1)
            meant = f" Did you mean {near[0]}?" if near else ""
            raise click.UsageError(f"There is no call {args[0]!r}.{meant}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for contract, title in _SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl(
                    [(row.name, row.does) for row in _rows() if row.contract == contract]
                )


@click.group(
    "call",
    cls=_Calls,
    short_help="Send any call: fund, release, dispute, notes, cases.",
    epilog=examples(
        "escrow call fund --agreement agreement.json --indexes all --as employer --dry-run",
        "escrow call release --deal 0x1f3a9c2b --index 0 --as employer",
        "escrow call keep-alive --deal 0x1f3a9c2b --unsigned > transaction.json",
    ),
)
def command() -> None:
    """Send any call of the contracts, or see what it would do.

    It is simulated first; then you see what it will do and what is final about it, and are asked.
    Afterwards its events say what happened.
    """
