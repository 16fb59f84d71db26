"""The command ``python -m tests.mutation``."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from tests.mutation.equivalents import UnknownMutantsError
from tests.mutation.operators import OPERATORS
from tests.mutation.score import LIMIT, UnfitError, measure
from tests.mutation.table import as_json, progress, show
from tests.mutation.targets import TARGETS

_GOAL = 0.98


def main() -> int:
    """Run what the arguments say; return 1 if too many survive, 2 if nothing can be said."""
    operators = "\n".join(f"  {name:<12}{what}" for name, what in OPERATORS.items())
    parser = argparse.ArgumentParser(
        prog="python -m tests.mutation",
        description="Break the contracts in many small ways, and see which ways no test notices.",
        epilog=f"operators:\n{operators}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--target", choices=TARGETS, default="escrow", help="whose sources")
    parser.add_argument("--sample", type=int, metavar="N", help="so many mutants, not all")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="of the order and sample")
    parser.add_argument("--jobs", type=int, default=1, metavar="J", help="processes at a time")
    parser.add_argument(
        "--limit", type=int, default=LIMIT, help="seconds of processor time that a mutant may take"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    parser.add_argument(
        "--resume",
        type=Path,
        metavar="FILE",
        help="keep each result there, and go on with those that are there",
    )
    given = parser.parse_args()
    try:
        with progress(given.target) as show_one:
            report = measure(
                given.target,
                sample=given.sample,
                seed=given.seed,
                jobs=given.jobs,
                resume=given.resume,
                limit=given.limit,
                progress=show_one,
            )
    except (UnfitError, UnknownMutantsError) as wrong:
        print(wrong, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        kept = f" --resume {given.resume} goes on from here." if given.resume else ""
        print(f"Stopped.{kept}", file=sys.stderr)
        return 130
    show(report)
    if given.json:
        given.json.write_text(json.dumps(as_json(report), indent=1) + "\n", encoding="utf-8")
    return int(report.score < _GOAL or bool(report.wrongly_declared))


if __name__ == "__main__":
    sys.exit(main())
