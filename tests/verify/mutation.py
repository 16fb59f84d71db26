"""Small changes to the contracts, and how many of them the tests notice."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from tests.compiled import ROOT
from tests.mutation.score import Result
from tests.mutation.score import measure as run
from tests.mutation.targets import TARGETS
from tests.mutation.trial import STAGES, Stage
from tests.verify.rows import Depth, Report, Row, Stopwatch, at_least

__all__ = ["measure"]

GOAL: Final = 98.0
_SAMPLE: Final = 12
_SEED: Final = 1


def measure(depth: Depth, report: Report) -> list[Row]:
    """Try all mutants of each target or, short, a few of the escrow's."""
    targets = TARGETS if depth is Depth.DEEP else ["escrow"]
    return [_row(target, depth, report) for target in targets]


def _row(target: str, depth: Depth, report: Report) -> Row:
    watch = Stopwatch()
    deep = depth is Depth.DEEP
    journal = ROOT / ".build" / "verify" / f"mutation-{target}.jsonl"
    journal.parent.mkdir(parents=True, exist_ok=True)

    def tell(done: int, total: int, result: Result) -> None:
        if done % 25 == 0 or done == total:
            report(f"{target}: {done:,} of {total:,} mutants")

    found = run(
        target,
        sample=None if deep else _SAMPLE,
        seed=_SEED,
        jobs=2 if deep else 1,
        stages=STAGES if deep else [Stage.PLAYS],
        resume=journal if deep else None,
        progress=tell,
    )
    wrong = [
        f"killed, though declared equivalent: {it.mutant.key}" for it in found.wrongly_declared
    ]
    row = at_least(
        "mutation",
        f"mutants of {target} killed: {found.judged - len(found.survivors):,} of {found.judged:,}",
        100 * found.score,
        GOAL,
        "%",
        watch=watch,
        depth=depth,
        seeds=str(_SEED),
        failures="\n".join(wrong),
    )
    survived = [f"survived: {it.mutant.key}" for it in found.survivors]
    return replace(row, note="\n".join([*wrong, *survived]))
