"""``escrow audit``: whether the index, the chain and the money agree."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Final

import click

from milestone_escrow.cli import exits
from milestone_escrow.cli.options import (
    Moment,
    Target,
    at_option,
    deal_option,
    examples,
    one_of_deal_and_party,
    output_options,
    party_option,
    target_options,
)
from milestone_escrow.cli.output import Column, Screen
from milestone_escrow.cli.words import instant, short_id

if TYPE_CHECKING:
    from milestone_escrow.audit import Audit, Check, Line, Move
    from milestone_escrow.cli.reading import Book

__all__ = ["command"]


@click.command(
    "audit",
    short_help="Compare index, chain and money; a statement that balances.",
    epilog=examples(
        "escrow audit", "escrow audit --deal 0x1f3a9c2b", "escrow audit --at 120 --json"
    ),
)
@target_options("rpc", "chain_id", "escrow", "store")
@deal_option("Of this deal.")
@party_option("Of the deals of this employer, freelancer or arbiter.")
@at_option(
    "As it was at the end of a block or at a time; older ones need an archive node. Default: the "
    "last block."
)
@click.option(
    "--statement/--no-statement",
    "shows_lines",
    default=None,
    help="List each transaction. Default: with --deal and --party.",
)
@click.option(
    "--allow-surplus",
    is_flag=True,
    help="A balance above what is owed is no difference: anyone can send coins.",
)
@click.option("--offline", is_flag=True, help="Ask no node: check only the index in itself.")
@output_options
def command(
    target: Target,
    screen: Screen,
    deal_id: str | None,
    party: str | None,
    at: Moment | None,
    shows_lines: bool | None,
    allow_surplus: bool,
    offline: bool,
) -> None:
    """Compare the index with the node, the fold of the events with the contract's storage, and the
    contract's balances with what it owes; all at the end of one block.

    It ends at the first difference, names it, and exits with 1. Without a difference it exits with
    0. A check that could not be made is shown as "not done".
    """  # noqa: D205 - help shows it as one paragraph
    from milestone_escrow.audit import audit
    from milestone_escrow.cli.at_block import block_of_moment
    from milestone_escrow.cli.connection import open_rpc
    from milestone_escrow.cli.reading import reading

    one_of_deal_and_party("audit", deal_id, party)
    if shows_lines is None:
        shows_lines = deal_id is not None or party is not None
    with ExitStack() as stack:
        book = stack.enter_context(reading(target, screen, offline=offline))
        rpc = None
        if book.online:
            rpc = stack.enter_context(open_rpc(target))
        lines: list[Line] = []
        report = audit(
            book.reader,
            rpc,
            at=block_of_moment(book, at),
            deal=deal_id,
            party=party,
            allow_surplus=allow_surplus,
            on_line=lines.append if shows_lines else _forget,
        )
        if screen.json:
            screen.emit(_shape(book, report, lines))
        else:
            _show(screen, book, report, lines)
    if report.difference is not None:
        raise click.exceptions.Exit(exits.REFUSED)


def _forget(_: Line) -> None:
    """Leave a line out."""


_LINES: Final = (
    Column("TIME", keep=1),
    Column("BLOCK", right=True),
    Column("TRANSACTION", keep=3),
    Column("WHAT", flows=True),
    Column("IN", right=True),
    Column("OUT", right=True),
    Column("BALANCE", right=True),
)
_SUMS: Final = (
    Column("TOKEN"),
    Column("OPENING", right=True, keep=1),
    Column("IN", right=True),
    Column("OUT", right=True),
    Column("CLOSING", right=True),
)
_MONEY: Final = (
    Column("TOKEN"),
    Column("IN MILESTONES", right=True),
    Column("CREDITS", right=True),
    Column("OWED", right=True),
    Column("BALANCE", right=True),
    Column("DIFFERENCE", right=True),
)
_CHECKS: Final = (Column("CHECK"), Column("RESULT", status=True), Column("DETAIL", flows=True))


def _show(screen: Screen, book: Book, report: Audit, lines: list[Line]) -> None:
    if lines:
        screen.heading("Statement, transaction by transaction")
        screen.table(_LINES, [_line_row(book, line) for line in lines])
    if report.closings:
        screen.heading("Statement")
        screen.table(
            _SUMS,
            [
                [
                    _symbol(book, token),
                    book.amount(0, token),
                    book.amount(closing.paid_in, token),
                    book.amount(closing.paid_out, token),
                    book.amount(closing.balance, token),
                ]
                for token, closing in report.closings.items()
            ],
        )
    if report.owed:
        screen.heading("The whole contract")
        screen.table(_MONEY, [_money_row(book, report, token) for token in report.owed])
    screen.heading(f"Checks at the end of block {report.block_number:,}")
    screen.table(_CHECKS, [_check_row(check) for check in report.checks])
    screen.line()
    if report.difference is not None:
        screen.line(f"Difference: {report.difference.sentence}")
    elif any(check.result != "ok" for check in report.checks):
        screen.line("Difference: 0, as far as it was checked.")
    else:
        screen.line("Difference: 0.")


def _check_row(check: Check) -> list[str]:
    from milestone_escrow.audit import CHECKS

    words = {"difference": "the first difference is named below"}
    return [
        check.name,
        check.result,
        f"{CHECKS[check.name]}: {words.get(check.result, check.detail)}",
    ]


def _line_row(book: Book, line: Line) -> list[str]:
    amount = [book.amount(raw, line.token) if raw else "" for raw in (line.paid_in, line.paid_out)]
    return [
        "" if line.timestamp is None else instant(line.timestamp).removesuffix(" UTC"),
        f"{line.block_number}",
        f"0x{line.tx_hash.hex()}",
        "; ".join(_what(book, line, move) for move in line.moves),
        *amount,
        book.amount(line.balance, line.token),
    ]


def _what(book: Book, line: Line, move: Move) -> str:
    where = "" if move.deal_id is None else f" {short_id(move.deal_id)}"
    where += "" if move.index is None else f"#{move.index}"
    reason = f" ({move.reason})" if move.reason else ""
    return f"{move.what}{reason}{where} {book.amount(move.amount, line.token)}"


def _money_row(book: Book, report: Audit, token: str) -> list[str]:
    held, credits = report.owed[token]
    balance = report.balances.get(token)
    shown = [held, credits, held + credits]
    return [
        _symbol(book, token),
        *(book.amount(raw, token) for raw in shown),
        "not asked" if balance is None else book.amount(balance, token),
        "" if balance is None else book.amount(balance - held - credits, token),
    ]


def _symbol(book: Book, token: str) -> str:
    known = book.token(token)
    return token if known is None else known.symbol


def _shape(book: Book, report: Audit, lines: list[Line]) -> dict[str, Any]:
    difference = report.difference
    return {
        "chain_id": book.reader.identity.chain_id,
        "escrow": book.reader.identity.escrow,
        "block": report.block_number,
        "block_hash": None if report.block_hash is None else "0x" + report.block_hash.hex(),
        "deals": report.deals,
        "difference": None if difference is None else difference.to_json(),
        "checks": [
            {"name": check.name, "result": check.result, "detail": check.detail}
            for check in report.checks
        ],
        "statement": [
            {
                "token": book.token_json(token),
                "opening": "0",
                "in": str(closing.paid_in),
                "out": str(closing.paid_out),
                "closing": str(closing.balance),
                "lines": [_line_shape(line) for line in lines if line.token == token],
            }
            for token, closing in report.closings.items()
        ],
        "money": [
            {
                "token": book.token_json(token),
                "in_milestones": str(held),
                "credits": str(credits),
                "owed": str(held + credits),
                "balance": str(report.balances[token]) if token in report.balances else None,
            }
            for token, (held, credits) in report.owed.items()
        ],
    }


def _line_shape(line: Line) -> dict[str, Any]:
    return {
        "block_number": line.block_number,
        "timestamp": line.timestamp,
        "tx_hash": "0x" + line.tx_hash.hex(),
        "in": str(line.paid_in),
        "out": str(line.paid_out),
        "balance": str(line.balance),
        "moves": [
            {
                "what": move.what,
                "reason": move.reason or None,
                "deal_id": None if move.deal_id is None else "0x" + move.deal_id.hex(),
                "index": move.index,
                "amount": str(move.amount),
                "receiver": move.receiver,
                "log_index": move.log_index,
            }
            for move in line.moves
        ],
    }
