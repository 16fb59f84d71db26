"""Properties of the compiled escrow that halmos proves for all values within stated bounds."""

from __future__ import annotations

from typing import Final

from tests.proofs.prove import MissingToolError, prove
from tests.verify.rows import Depth, Report, Row, Stopwatch, at_least, not_run

__all__ = ["measure"]

GOAL: Final = 40
_SHORT: Final = ("Guards.*",)
_WHAT: Final = "properties of the bytecode proved"


def measure(depth: Depth, report: Report) -> list[Row]:
    """Prove all properties or, short, those of one family; each that is tried must be proved."""
    watch = Stopwatch()
    report("halmos is at work")
    try:
        proved = prove(_SHORT if depth is Depth.SHORT else None)
    except MissingToolError as missing:
        return [not_run("proofs", _WHAT, GOAL, "properties", str(missing), depth)]
    others = [f"{it.prop.name} {it.result}" for it in proved.proofs if it.result != "proved"]
    row = at_least(
        "proofs",
        _WHAT,
        proved.count("proved"),
        GOAL if depth is Depth.DEEP else len(proved.proofs),
        "properties",
        watch=watch,
        depth=depth,
        failures=", ".join(others),
    )
    return [row]
