"""``escrow agreement``: from people's terms to what the contract takes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from milestone_escrow.agreement import DAY, Agreement
from milestone_escrow.document import AgreementDocument
from tests.cli.conftest import ETHER, Cli, Deals

TITLED = ("--title", "Work", "--employer", "employer", "--freelancer", "freelancer")
PART = ("--milestone", "It, 1, 30d")
SHARES = ((1, "33.4"), (2, "33.3"), (3, "33.3"))


@pytest.fixture
def there(on_devnet: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """The command in the devnet's folder, its own files going to an empty one."""
    monkeypatch.chdir(tmp_path)
    return on_devnet


def read(path: str) -> Any:
    return json.loads(Path(path).read_text(encoding="utf-8"))


def made(there: Cli, *args: str) -> Any:
    ran = there("agreement", "new", *args, "--json")
    assert ran.code == 0, ran.err
    return ran.json


def test_the_template_is_an_agreement(there: Cli, deals: Deals) -> None:
    terms = there("agreement", "new", "--template")
    Path("terms.json").write_text(terms.out, encoding="utf-8")
    told = made(there, "terms.json")
    agreement = Agreement.from_json(read("agreement.json"))
    document = AgreementDocument.from_json(read("document.json"))
    document.check_against(agreement)
    assert told["agreement"] == agreement.to_json()
    assert told["deal_id"] == deals.scene.id_of(agreement)
    assert [part.amount for part in agreement.milestones] == [
        12 * ETHER // 10,
        2 * ETHER,
        8 * ETHER // 10,
    ]
    roles = deals.scene.devnet.roles
    assert (agreement.employer, agreement.arbiter) == (roles["employer"], roles["arbiter"])
    now = deals.scene.chain.time()
    assert agreement.accept_by == now + 7 * DAY
    assert agreement.final_deadline == now + 90 * DAY
    shown = there("agreement", "show", "agreement.json", "--document", "document.json").out
    for words in ("A web shop", "0  Design    1.2 ETH", "ruling fee  5 % of what is in dispute"):
        assert words in shown


def test_percentages_become_exact_units(there: Cli) -> None:
    parts = [("--milestone", f"{share}, {share}%, {number}0d") for number, share in SHARES]
    words = [word for part in parts for word in part]
    told = made(there, *TITLED, *words, "--price", "0.000101", "--token", "TEST6")
    amounts = [int(part["amount"]) for part in told["agreement"]["milestones"]]
    assert amounts == [34, 34, 33]


def test_options_go_before_the_file(there: Cli, deals: Deals) -> None:
    Path("terms.json").write_text(there("agreement", "new", "--template").out, encoding="utf-8")
    told = made(there, "terms.json", "--token", "TEST6", "--price", "1.000001")
    amounts = [int(part["amount"]) for part in told["agreement"]["milestones"]]
    assert amounts == [300_000, 500_001, 200_000]
    assert told["agreement"]["token"] == deals.scene.devnet.tokens["TEST6"].address
    assert told["document"]["currency"] == {"symbol": "TEST6", "decimals": 6}


@pytest.mark.parametrize(
    ("code", "args", "words"),
    [
        (2, ("--title", "x"), "The terms have no employer."),
        (2, (*TITLED,), "The terms have no milestones."),
        (2, (*TITLED, "--milestone", "It"), "is not title, amount and deadline"),
        (2, (*TITLED, "--milestone", "It, 50%, 30d"), "price is missing"),
        (1, (*TITLED, "--milestone", "It, 50%, 30d", "--price", "1"), "less than 100"),
        (2, (*TITLED, *PART, "--milestone", "B, 50%, 40d"), "do not all have an amount"),
        (2, (*TITLED, *PART, "--price", "2"), "price is not the sum"),
        (1, (*TITLED, "--milestone", "It, 1.0000001, 30d", "--token", "TEST6"), "7 digits"),
        (2, (*TITLED, "--milestone", "It, 1, soon"), "which is no time"),
        (1, (*TITLED, *PART, "--accept-by", "60d"), "after the final deadline"),
        (1, (*TITLED, *PART, "--payee", "employer"), "The payee is the employer too."),
        (1, (*TITLED, *PART, "--fee-bps", "5"), "a fee but no platform"),
        (2, (*TITLED, *PART, "--arbiter", "boss"), "no role here"),
        (2, (*TITLED, *PART, "--supersedes", "0x12"), "not a whole deal id"),
        (2, (*TITLED, *PART, "--token", "0x" + "11" * 20), "no ERC-20 token"),
        (2, ("none.json",), "cannot be read"),
        (2, ("list.json",), "is not an object of terms"),
        (2, ("odd.json",), "the key 'colour', which is unknown"),
    ],
)
def test_terms_that_cannot_be_are_refused(
    there: Cli, code: int, args: tuple[str, ...], words: str
) -> None:
    Path("list.json").write_text("[]", encoding="utf-8")
    Path("odd.json").write_text('{"colour": "red"}', encoding="utf-8")
    assert words in there.refuses(code, "agreement", "new", *args)
    assert not Path("agreement.json").exists()
    assert not Path("document.json").exists()


def test_files_are_replaced_only_if_that_is_wanted(there: Cli) -> None:
    made(there, *TITLED, *PART)
    first = read("agreement.json")
    assert "exists already" in there.refuses(2, "agreement", "new", *TITLED, *PART)
    assert read("agreement.json") == first
    made(there, *TITLED, *PART, "--force")
    assert read("agreement.json")["document"] != first["document"]


def test_check_tells_every_problem(there: Cli, deals: Deals) -> None:
    made(there, *TITLED, *PART)
    good = there("agreement", "check", "agreement.json", "--document", "document.json")
    assert good.code == 0
    assert "the contract would open a deal on it" in good.out
    assert "it binds this document" in good.out
    stored = read("agreement.json")
    Path("bad.json").write_text(
        json.dumps(stored | {"price": "7", "accept_by": "1"}), encoding="utf-8"
    )
    bad = there("agreement", "check", "bad.json")
    assert bad.code == 1
    assert "The price is 7 raw units" in bad.out
    assert "accept_by" in bad.out
    told = there("agreement", "check", "bad.json", "--json")
    assert (told.code, len(told.json["problems"])) == (1, 2)
    opened = deals.scene.client.deal_id(deals.main)
    Path("opened.json").write_text(json.dumps(deals.main.to_json()), encoding="utf-8")
    told = there("agreement", "check", "opened.json", "--json")
    assert (told.code, told.json["opened"]) == (0, True)
    assert told.json["deal_id"] == "0x" + opened.hex()


def test_the_id_needs_no_node_where_chain_and_escrow_are_named(
    there: Cli, deals: Deals, no_node: str
) -> None:
    told = made(there, *TITLED, *PART)
    chain, escrow = str(deals.scene.client.chain_id), deals.scene.client.address
    named = ("--chain-id", chain, "--escrow", escrow, "--rpc", no_node)
    ran = there("agreement", "id", "agreement.json", *named)
    assert (ran.code, ran.out.strip()) == (0, told["deal_id"])
    other = there("agreement", "id", "agreement.json", "--chain-id", "1", *named[2:], "--json")
    assert other.json["deal_id"] != told["deal_id"]
    assert there("agreement", "id", "agreement.json", "--rpc", no_node).code == 3


def test_what_is_no_agreement_is_told(there: Cli) -> None:
    for text, words in (
        ("{", "is not JSON"),
        ('{"employer": "0x12"}', "is missing"),
        ('{"price": 1.5}', "not an integer"),
    ):
        Path("x.json").write_text(text, encoding="utf-8")
        told = there("agreement", "show", "x.json")
        assert told.code in (1, 2)
        assert words in told.err
        assert "Traceback" not in told.err
