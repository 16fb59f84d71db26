"""``python -m tests.proofs [--only PATTERN ...] [--list] [--json]``: prove, and print a table."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from tests.proofs.properties import declared
from tests.proofs.prove import MissingToolError, ProofReport, prove

_STYLES = {"proved": "green", "failed": "bold red"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return 1 unless every property was proved, 2 if it could not be tried."""
    parser = argparse.ArgumentParser(prog="python -m tests.proofs", description=__doc__)
    parser.add_argument(
        "--only", action="append", metavar="PATTERN", help="such as Guards.accept or 'Clocks.*'"
    )
    parser.add_argument("--list", action="store_true", help="name the properties, prove nothing")
    parser.add_argument("--json", action="store_true", help="print JSON")
    given = parser.parse_args(arguments)
    if given.list:
        for prop in declared():
            print(f"{prop.name}\n    {prop.sentence}")
        return 0
    try:
        report = prove(given.only)
    except (MissingToolError, ValueError, RuntimeError) as error:
        print(error, file=sys.stderr)
        return 2
    if given.json:
        print(json.dumps(_plain(report), indent=2))
    else:
        _show(report)
    return 0 if report.all_proved else 1


def _plain(report: ProofReport) -> dict[str, object]:
    return {
        "seconds": round(report.seconds, 1),
        "versions": dict(report.versions),
        "bounds": report.bounds,
        "properties": [
            {
                "name": proof.prop.name,
                "sentence": proof.prop.sentence,
                "result": proof.result,
                "seconds": round(proof.seconds, 2),
                "counterexample": proof.detail,
            }
            for proof in report.proofs
        ],
    }


def _show(report: ProofReport) -> None:
    console = Console()
    table = Table(title="Proofs of the compiled escrow", show_lines=False)
    table.add_column("property", no_wrap=True)
    table.add_column("what it says")
    table.add_column("result", no_wrap=True)
    table.add_column("s", justify="right")
    for proof in report.proofs:
        style = _STYLES.get(proof.result, "yellow")
        result = f"[{style}]{proof.result}[/]"
        table.add_row(proof.prop.name, proof.prop.sentence, result, f"{proof.seconds:.1f}")
    console.print(table)
    for proof in report.proofs:
        if proof.detail:
            console.print(f"{proof.prop.name}, counterexample:\n{proof.detail}", markup=False)
    for bound in report.bounds:
        console.print(f"Bound: {bound}", markup=False)
    tools = ", ".join(f"{name} {said}" for name, said in report.versions.items())
    proved = f"{report.count('proved')} of {len(report.proofs)} proved"
    console.print(f"{proved} in {report.seconds:.0f} s ({tools}).")


if __name__ == "__main__":
    sys.exit(main())
