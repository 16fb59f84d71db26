"""Gas in receipts, call by call: ``python -m bench.gas [--json] [--check | --update]``.

Prints every row, with its goal where it has one, and fails when a row uses more gas than the
committed snapshot says. A goal that is missed is marked, and fails nothing.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from rich.console import Console
from rich.table import Table

from bench.gas_chain import Measured, measure
from bench.gas_rows import ASSETS, ROWS, Asset
from bench.gas_snapshot import (
    Change,
    Snapshot,
    changes,
    conditions_of,
    read_snapshot,
    write_snapshot,
)
from milestone_escrow import artifacts
from milestone_escrow.exceptions import EscrowError

__all__ = ["BLOCK_GAS", "GOALS", "SNAPSHOT", "Goal", "main", "missed"]

SNAPSHOT: Final = Path(__file__).with_name("gas_snapshot.json")
BLOCK_GAS: Final = 30_000_000  # a small block, of which a row's share is shown

CAPTION: Final = (
    "Gas used in receipts on Anvil. Agreement: no platform (but where a fee or a credit is"
    " measured), an arbiter only in the rows about disputes, 1 ETH or 1,000 units of a 6-decimal"
    " ERC-20 a milestone. Receivers have been paid before, an earlier deal is open, the token's"
    " approval is not counted, and no signature is given where none is needed (but where a row"
    " says so)."
)
_NAMES: Final[Mapping[Asset, str]] = {"native": "native", "erc20": "ERC-20"}


class Goal(NamedTuple):
    """What a row is measured against.

    Attributes:
        gas: The most that it may use.
        best: The least that the same work uses elsewhere; None: not measured.
    """

    gas: int
    best: int | None = None


# The best of eleven escrow systems, measured in the same way. The one that opens a deal for less
# than the goal has one pot without declared milestones, under an agreement that nobody can read.
# A dispute elsewhere finds a record that is there already, so the goal is for one that does here.
# A signature may add 6,000.
GOALS: Final[Mapping[str, Mapping[Asset, Goal]]] = {
    "open 1": {"native": Goal(62_000, 60_852), "erc20": Goal(83_500, 80_732)},
    "open 5": {"native": Goal(77_000, 294_228), "erc20": Goal(98_500, 332_499)},
    "open 1 signed": {"native": Goal(68_000), "erc20": Goal(89_500)},
    "open 5 signed": {"native": Goal(83_000), "erc20": Goal(104_500)},
    "release 1": {"native": Goal(46_500, 42_084), "erc20": Goal(52_500, 50_703)},
    "cancel 1": {"native": Goal(46_000, 42_153), "erc20": Goal(52_000, 50_772)},
    "life 1": {"native": Goal(108_000, 110_004), "erc20": Goal(135_500, 137_387)},
    "life 5 singly": {"native": Goal(318_000, 645_853), "erc20": Goal(370_000, 718_774)},
    "life 5 batch": {"native": Goal(142_000, 709_760), "erc20": Goal(170_000, 705_710)},
    "dispute requested": {"native": Goal(59_000, 34_945), "erc20": Goal(59_000, 34_945)},
    "ruling": {"native": Goal(75_000, 82_333), "erc20": Goal(75_000, 90_653)},
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print and compare; return the exit code.

    0: no row grew. 1: one did, or with ``--check`` the snapshot is not what was measured.
    2: nothing could be measured or compared.
    """
    parser = argparse.ArgumentParser(
        prog="python -m bench.gas",
        description="Measure the gas of each call against its goal and the committed snapshot.",
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument(
        "--check", action="store_true", help="fail also if the snapshot is stale in another way"
    )
    mode.add_argument("--update", action="store_true", help="write the snapshot")
    options = parser.parse_args(arguments)
    try:
        conditions = conditions_of(artifacts.load("MilestoneEscrow"))
        committed = None if options.update else read_snapshot(SNAPSHOT)
        now = Snapshot(conditions, measure())
    except EscrowError as error:
        print(error, file=sys.stderr)
        return 2
    if options.update:
        write_snapshot(SNAPSHOT, now)
    differences = changes(committed or now, now)
    if options.json:
        print(json.dumps(_as_json(now, differences), indent=2))
    else:
        _print(now, differences)
    grew = any(change.grew for change in differences)
    return int(grew or (options.check and bool(differences)))


def missed(gas: Measured) -> list[tuple[str, Asset, int]]:
    """Return the goals that are missed: row, asset, and by how much."""
    return [
        (row, asset, gas[row][asset] - goal.gas)
        for row, by_asset in GOALS.items()
        for asset, goal in by_asset.items()
        if gas[row][asset] > goal.gas
    ]


def _print(now: Snapshot, differences: Sequence[Change]) -> None:
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = 80  # nobody's window: a file or a pipe
    for table in (_goal_table(now.gas), _other_table(now.gas)):
        console.print(table)
        console.print()
    console.print(CAPTION)
    console.print(", ".join(f"{key} {value}" for key, value in now.conditions.items()) + ".")
    over = missed(now.gas)
    goals = sum(len(by_asset) for by_asset in GOALS.values())
    console.print(
        f"{len(over)} of {goals} goals missed." if over else f"All {goals} goals reached.",
        style="red" if over else "green",
    )
    for change in sorted(differences, key=lambda change: change.grew):  # the worst comes last
        console.print(str(change), style="red" if change.grew else "yellow")
    if differences:
        console.print("If this is meant, write the snapshot: python -m bench.gas --update")


def _goal_table(gas: Measured) -> Table:
    table = _table("work", "asset", "gas", "goal", "difference", "best\nelsewhere", texts=2)
    for row in ROWS:
        for asset, goal in GOALS.get(row.name, {}).items():
            used = gas[row.name][asset]
            over = used > goal.gas
            table.add_row(
                row.title if asset == ASSETS[0] else "",
                _NAMES[asset],
                f"{used:,}",
                f"{goal.gas:,}",
                f"{used - goal.gas:+,}" + (" over" if over else ""),
                "" if goal.best is None else f"{goal.best:,}",
                style="red" if over else None,
            )
    return table


def _other_table(gas: Measured) -> Table:
    table = _table("other calls", "native", "ERC-20", "share of a\n30M block", texts=1)
    for row in ROWS:
        if row.name not in GOALS:
            used = gas[row.name]
            share = max(used.values()) / BLOCK_GAS
            figures = (f"{used[asset]:,}" if asset in used else "-" for asset in ASSETS)
            table.add_row(row.title, *figures, f"{share:.2%}")
    return table


def _table(*headers: str, texts: int) -> Table:
    """Return an empty table; its first ``texts`` columns are words, the others figures."""
    table = Table(box=None, pad_edge=False)
    for position, header in enumerate(headers):
        table.add_column(header, justify="left" if position < texts else "right", no_wrap=True)
    return table


def _as_json(now: Snapshot, differences: Sequence[Change]) -> dict[str, Any]:
    return {
        "caption": CAPTION,
        "conditions": dict(now.conditions),
        "rows": list(_rows_as_json(now.gas)),
        "changes": [
            {"what": change.what, "before": change.before, "now": change.now, "grew": change.grew}
            for change in differences
        ],
    }


def _rows_as_json(gas: Measured) -> Iterator[dict[str, Any]]:
    for row in ROWS:
        for asset in row.assets:
            used = gas[row.name][asset]
            figures = {"row": row.name, "title": row.title, "asset": asset, "gas": used}
            goal = GOALS.get(row.name, {}).get(asset)
            if goal is not None:
                figures |= {"goal": goal.gas, "difference": used - goal.gas, "best": goal.best}
            yield figures


if __name__ == "__main__":
    sys.exit(main())
