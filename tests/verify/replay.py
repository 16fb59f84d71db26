"""``python -m tests.verify.replay SEED PACE``: one play again, and what goes wrong in it."""

from __future__ import annotations

from contextlib import nullcontext

import click

from tests.compiled import built
from tests.contract.playing import play_one


@click.command()
@click.argument("seed", type=int)
@click.argument("pace", type=float)
@click.option("--optimize", default="", help="The escrow with none, codesize or gas.")
def main(seed: int, pace: float, optimize: str) -> None:
    """Play a seed at a pace; what goes wrong is raised."""
    with built(optimize) if optimize else nullcontext():
        seen = play_one(seed, pace)
    click.echo(f"{seen.total()} calls, and the escrow did what the model did.")


if __name__ == "__main__":
    main()
