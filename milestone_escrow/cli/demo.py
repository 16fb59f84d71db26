"""``escrow demo``: whole deals on a local chain, told as they happen."""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from milestone_escrow.cli.options import examples, output_options
from milestone_escrow.cli.output import Column, Screen
from milestone_escrow.cli.words import shown_url

if TYPE_CHECKING:
    from milestone_escrow.demo import Book, Books, Chapter, Scene, Step

__all__ = ["command"]

# Widths of who, what, amount, gas and block: 80 columns in all, with two spaces between them.
_WIDTHS: Final = (10, 37, 11, 9, 5)
_RIGHT: Final = (False, False, True, True, True)
_COLOURS: Final = {
    "employer": "cyan",
    "freelancer": "green",
    "arbiter": "blue",
    "platform": "magenta",
    "deployer": "dim",
    "stranger": "yellow",
    "time": "dim",
}
_BOOK_COLUMNS: Final = tuple(
    Column(title, right=title != "token")
    for title in ("token", "in", "out", "held", "balance", "difference")
)
_NEXT: Final = (
    ("escrow devnet up", "a local chain that stays, with an escrow, test tokens and named roles"),
    ("escrow demo --json", "the same, for a program"),
    ("escrow --help", "everything else"),
)


@click.command(
    "demo",
    short_help="Play whole deals on a local chain.",
    epilog=examples(
        "escrow demo", "escrow demo --node hardhat", "escrow demo --rpc http://127.0.0.1:8545"
    ),
)
@click.option(
    "--node",
    type=click.Choice(["anvil", "hardhat"]),
    default="anvil",
    show_default=True,
    help="Which node to start for it, and to end after it.",
)
@click.option(
    "--rpc",
    metavar="URL",
    help="Play on this development node instead; its clock is moved on by a month.",
)
@output_options
def command(screen: Screen, node: str, rpc: str | None) -> None:
    """Play whole deals on a local chain, then show that the books balance.

    Everything is real: a node is started on a free port, its accounts sign and send, its clock is
    moved, and the books are rebuilt from the chain's events alone. Nothing is left behind.
    """
    from milestone_escrow.chain import start_anvil, start_hardhat
    from milestone_escrow.demo import play

    stays = rpc is not None
    with ExitStack() as stack:
        if rpc is None:
            start = start_hardhat if node == "hardhat" else start_anvil
            rpc = stack.enter_context(start()).rpc_url
        teller = _JsonTeller(screen) if screen.json else _Teller(screen, rpc, stays=stays)
        for scene in play(rpc):
            teller.tell(scene)
    teller.end()


class _Teller:
    """Tells the play to a person, line by line as it happens."""

    def __init__(self, screen: Screen, rpc: str, *, stays: bool) -> None:
        self._screen = screen
        self._rpc = rpc if stays else None
        self._escrow = ""
        self._balanced = False
        screen.line(f"Milestone escrow, played on the node at {rpc}")
        self._row(("who", "what", "amount", "gas", "block"), "dim")

    def tell(self, scene: Scene) -> None:
        from milestone_escrow.demo import Books, Chapter

        if isinstance(scene, Chapter):
            self._chapter(scene)
        elif isinstance(scene, Books):
            self._books(scene)
        else:
            self._step(scene)

    def end(self) -> None:
        if not self._balanced:
            raise click.exceptions.Exit(1)
        self._screen.heading("Next")
        self._screen.facts((*_activation(), *_NEXT))
        if self._rpc is not None:
            # An index of its own: that of the folder may be of another escrow.
            where = f"--rpc {shown_url(self._rpc)} --escrow {self._escrow} --store demo.sqlite"
            self._screen.line(f"To look at the deals of this play:\n  escrow deals {where}")

    def _chapter(self, chapter: Chapter) -> None:
        self._screen.heading(chapter.title)
        self._screen.styled(("  " + chapter.about, "dim"))

    def _step(self, step: Step) -> None:
        amount = "" if step.token is None or step.amount is None else step.token.show(step.amount)
        gas = "" if step.gas is None else f"{step.gas:,}"
        self._row((step.who, step.what, amount, gas, str(step.block_number)), _COLOURS[step.who])

    def _row(self, cells: tuple[str, str, str, str, str], colour: str) -> None:
        who, what, *numbers = (
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(cells, _WIDTHS, _RIGHT, strict=True)
        )
        self._screen.styled((f"  {who}", colour), ("  ".join(["", what, *numbers]), ""))

    def _books(self, books: Books) -> None:
        self._escrow = books.escrow
        self._balanced = all(book.difference == 0 for book in books.books)
        self._screen.heading(
            f"The books of {books.deals} deals, rebuilt from {books.events} events alone"
        )
        self._screen.table(_BOOK_COLUMNS, [_book_row(book) for book in books.books])
        self._screen.line(
            "In = out + held, and the contract's balance is what it holds: nothing is missing."
            if self._balanced
            else "The books do not balance: please report this."
        )


class _JsonTeller:
    """Gathers the play into one JSON object."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._steps: list[dict[str, Any]] = []
        self._chapter = ""
        self._books: dict[str, Any] = {}
        self._balanced = False

    def tell(self, scene: Scene) -> None:
        from milestone_escrow.demo import Books, Chapter

        if isinstance(scene, Chapter):
            self._chapter = scene.title
        elif isinstance(scene, Books):
            self._balanced = all(book.difference == 0 for book in scene.books)
            self._books = asdict(scene) | {"books": [_book_json(book) for book in scene.books]}
        else:
            step = asdict(scene) | {"chapter": self._chapter}
            step["amount"] = None if scene.amount is None else str(scene.amount)
            self._steps.append(step)

    def end(self) -> None:
        self._screen.emit({"steps": self._steps, "balanced": self._balanced} | self._books)
        if not self._balanced:
            raise click.exceptions.Exit(1)


def _activation() -> tuple[tuple[str, str], ...]:
    """Return the step that puts ``escrow`` on the PATH, where it is needed and can be taken."""
    if "VIRTUAL_ENV" in os.environ or not Path(".venv/bin/activate").exists():
        return ()
    return ((". .venv/bin/activate", "once in a terminal: puts escrow on its PATH"),)


def _book_row(book: Book) -> tuple[str, ...]:
    from milestone_escrow.amounts import format_units

    amounts = (book.paid_in, book.paid_out, book.held, book.balance, book.difference)
    return book.token.symbol, *(format_units(raw, book.token.decimals) for raw in amounts)


def _book_json(book: Book) -> dict[str, Any]:
    return {
        "token": asdict(book.token),
        "paid_in": str(book.paid_in),
        "paid_out": str(book.paid_out),
        "held": str(book.held),
        "balance": str(book.balance),
        "difference": str(book.difference),
    }
