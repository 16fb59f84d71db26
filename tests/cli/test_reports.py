"""What whoever runs a bridge reads of its users' reports."""

from __future__ import annotations

from typing import Final

from milestone_escrow.cli import exits
from milestone_escrow.offchain import Offchain, reports
from tests.cli.conftest import Cli

ONE: Final = "0x1111111111111111111111111111111111111111"
TWO: Final = "0x2222222222222222222222222222222222222222"
DEAL: Final = b"\x77" * 32
NOW: Final = 1_800_000_000


def told(cli: Cli) -> None:
    with Offchain(cli.workspace.index) as store, store.writing() as db:
        reports.add(db, ONE, TWO, DEAL, "Asks for money outside.\nTwice.", NOW)
        reports.add(db, TWO, ONE, None, "Tells lies of me.", NOW + 60)


def test_reports_are_shown_newest_first_in_their_own_words(cli: Cli) -> None:
    told(cli)
    assert cli("reports").lines == [
        "",
        "2027-01-15 08:01 UTC",
        f"by     {TWO}",
        f"about  {ONE}",
        "Tells lies of me.",
        "",
        "2027-01-15 08:00 UTC",
        f"by     {ONE}",
        f"about  {TWO}",
        f"deal   0x{DEAL.hex()}",
        "Asks for money outside.",
        "Twice.",
    ]


def test_they_are_chosen_and_counted(cli: Cli) -> None:
    told(cli)
    whole = {
        "created": NOW,
        "author": ONE,
        "address": TWO,
        "deal_id": "0x" + DEAL.hex(),
        "text": "Asks for money outside.\nTwice.",
    }
    for chosen in (("--by", ONE), ("--about", TWO), ("--deal", "0x7777")):
        assert cli("reports", *chosen, "--json").json == {"more": False, "reports": [whole]}
    few = cli("reports", "--limit", "1", "--json").json
    assert few["more"] and [report["created"] for report in few["reports"]] == [NOW + 60]
    ran = cli("reports", "--limit", "1")
    assert "Asks" not in ran.out and "more than 1 report" in ran.out + ran.err
    assert cli("reports", "--deal", "0x78").lines == ["No such reports."]


def test_where_nobody_reported_anything_that_is_said(cli: Cli) -> None:
    Offchain(cli.workspace.index).close()
    assert cli("reports").lines == ["No reports."]
    assert cli("reports", "--json").json == {"more": False, "reports": []}


def test_an_index_that_is_not_there_is_not_made(cli: Cli) -> None:
    assert "There is no index" in cli.refuses(exits.REFUSED, "reports")
    assert not cli.workspace.index.exists()
