"""``escrow doctor``: what this machine has, and what is missing."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Final

import click

from milestone_escrow.cli.options import Target, examples, output_options, target_options
from milestone_escrow.cli.output import Screen

if TYPE_CHECKING:
    from milestone_escrow.cli.checks import Check

__all__ = ["command"]

_REFUSED: Final = 1


@click.command(
    "doctor",
    short_help="Say what this machine has, and what is missing.",
    epilog=examples("escrow doctor", "escrow doctor --rpc https://node.example --json"),
)
@target_options("rpc", "chain_id", "escrow", "store")
@output_options
@click.pass_context
def command(ctx: click.Context, target: Target, screen: Screen) -> None:
    """Say what this machine has and what is missing, each with its remedy.

    Exit code 0 if all is there that escrow demo needs: Python, the packages, Anvil. A warning is
    something that only other commands need.
    """
    from milestone_escrow.cli.checks import run_checks

    checks = run_checks(target)
    ready = all(check.state != "missing" for check in checks)
    if screen.json:
        screen.emit({"ready": ready, "checks": [asdict(check) for check in checks]})
    else:
        _show(screen, checks)
        if ready:
            screen.next_step("escrow demo")
    if not ready:
        ctx.exit(_REFUSED)


def _show(screen: Screen, checks: list[Check]) -> None:
    screen.states([(check.name, check.state, check.detail, check.remedy) for check in checks])
