from __future__ import annotations

import json
import shutil

import pytest

from milestone_escrow.agreement import DAY, Agreement
from milestone_escrow.chain import DevChain
from milestone_escrow.cli.deals import STATUSES
from milestone_escrow.clock import DealStatus
from milestone_escrow.events import EVENTS
from milestone_escrow.indexer import Store, StoreIdentity
from tests.cli.conftest import Cli, Deals

STRANGER = "0x000000000000000000000000000000000000dEaD"


def row(shown: str, deal_id: str) -> list[str]:
    """Return the cells of a deal's line."""
    line = next(line for line in shown.splitlines() if line.startswith(deal_id[:10]))
    return [cell.strip() for cell in line.split("  ") if cell.strip()]


# --- Deals


def test_the_statuses_that_help_knows_are_those_there_are() -> None:
    assert tuple(DealStatus) == STATUSES


def test_deals_a_line_each(on_devnet: Cli, deals: Deals) -> None:
    ran = on_devnet("deals")
    assert ran.code == 0
    assert ran.err.startswith("Indexed to block ")
    assert len(ran.err.splitlines()) == 1
    main, job, cancelled, odd = deals.ids()
    roles = deals.scene.devnet.roles
    parties = [f"{roles[role][:6]}…{roles[role][-4:]}" for role in ("employer", "freelancer")]
    assert [line[:10] for line in ran.lines[1:]] == [each[:10] for each in deals.ids()]
    assert row(ran.out, main) == [
        main[:10],
        "active",
        "6,000 TEST6",
        "5,000 TEST6",
        "1 released, 1 requested, 1 funded",
        "overdue in 15 days",
        *parties,
    ]
    assert row(ran.out, job)[1:5] == ["open", "1 ETH", "1 ETH", "1 reserved"]
    assert row(ran.out, job)[-2:] == [parties[0], "not awarded"]
    assert row(ran.out, cancelled)[1:5] == ["settled", "0.25 ETH", "0 ETH", "1 cancelled"]
    assert row(ran.out, odd)[1:5] == ["open", "123.45 [b]odd", "123.45 [b]odd", "1 reserved"]


def test_deals_are_filtered(on_devnet: Cli, deals: Deals) -> None:
    main, job, cancelled, odd = deals.ids()
    devnet = deals.scene.devnet

    def found(*options: str) -> list[str]:
        ran = on_devnet("deals", *options, "--json")
        assert (ran.code, ran.err) == (0, "")
        return [each["deal_id"] for each in ran.json["deals"]]

    assert found() == deals.ids()
    assert found("--status", "open") == [job, odd]
    assert found("--status", "settled") == [cancelled]
    assert found("--party", devnet.roles["freelancer"].lower()) == [main, cancelled, odd]
    assert found("--party", STRANGER) == []
    assert found("--token", devnet.tokens["TEST6"].address) == [main]
    assert found("--token", "0x" + "0" * 40) == [job, cancelled]
    # A funded milestone is dormant 60 days after the final deadline, and lapsed 14 days later.
    lapse = deals.main.final_deadline + 74 * DAY
    assert found("--status", "dormant", "--at", str(lapse - 1)) == [main]
    assert found("--status", "lapsed", "--at", str(lapse)) == [main]
    assert on_devnet("deals", "--party", STRANGER).out == "No such deals.\n"


def test_more_deals_than_asked_for_are_told(on_devnet: Cli, deals: Deals) -> None:
    ran = on_devnet("deals", "--limit", "3")
    assert [line[:10] for line in ran.lines[1:]] == [each[:10] for each in deals.ids()[:3]]
    assert "There are more than 3" in ran.err
    assert on_devnet("deals", "--limit", "3", "--json").json["more"] is True
    whole = on_devnet("deals", "--limit", "4")
    assert len(whole.lines) == 5
    assert "more" not in whole.err
    assert on_devnet("deals", "--limit", "4", "--json").json["more"] is False


def test_a_time_may_be_written_in_words(on_devnet: Cli, deals: Deals) -> None:
    for text, seconds in (
        ("2030-01-31", 1_896_048_000),
        ("2030-01-31T12:00", 1_896_091_200),
        ("2030-01-31T12:00:00+02:00", 1_896_084_000),
        ("1896048000", 1_896_048_000),
    ):
        assert on_devnet("deals", "--at", text, "--json").json["at"] == seconds
    assert "As of 2030-01-31 12:00 UTC" in on_devnet("deals", "--at", "2030-01-31T12:00").err


def test_without_deals_it_says_so(elsewhere: Cli) -> None:
    assert elsewhere("deploy").code == 0
    assert elsewhere("deals").out == "No deals yet.\n"
    assert elsewhere("events").out == "No events yet.\n"
    assert elsewhere("deals", "--json").json["deals"] == []


# --- A deal


def test_a_deal_with_all_that_is_known(on_devnet: Cli, deals: Deals) -> None:
    main = deals.ids()[0]
    devnet = deals.scene.devnet
    ran = on_devnet("deal", main)
    assert ran.code == 0
    text = " ".join(ran.out.split())
    for words in (
        f"deal {main}",
        "status active (bound)",
        f"employer {devnet.roles['employer']}",
        f"freelancer {devnet.roles['freelancer']}",
        f"platform {devnet.roles['platform']}",
        f"token {devnet.tokens['TEST6'].address}",
        "price 6,000 TEST6",
        "fee 2.5 % of what the freelancer is paid",
        "review 30 days from a request",
        "0 released 1,000 TEST6 1,000 TEST6",
        "1 requested 2,000 TEST6 2,000 TEST6",
        "2 funded 3,000 TEST6 3,000 TEST6",
        "Funded by a block that the chain may still replace: milestone 1, 2.",
        "paid in 6,000 TEST6",
        "to the freelancer 975 TEST6",
        "to the platform 25 TEST6",
        "held 5,000 TEST6",
        "(in 15 days) overdue: milestone 1",
        "claimable: milestone 1",
        "lapse announced",
    ):
        assert words in text, words
    assert "arbiter" not in text
    assert on_devnet("deal", main[2:].upper()).out == ran.out


def test_a_deal_at_another_time(on_devnet: Cli, deals: Deals) -> None:
    main = deals.ids()[0]
    shape = on_devnet("deal", main, "--json").json["deal"]
    assert shape["milestones"][1]["status"] == "requested"
    due = shape["milestones"][1]["claimable_at"]
    assert due == shape["milestones"][1]["since"] + deals.main.review_period

    def status(time: int) -> str:
        told = on_devnet("deal", main, "--at", str(time), "--json").json
        assert told["at"] == time
        return str(told["deal"]["milestones"][1]["status"])

    assert (status(due - 1), status(due)) == ("overdue", "claimable")


def test_a_deal_as_json_is_whole(on_devnet: Cli, deals: Deals) -> None:
    main = deals.ids()[0]
    told = on_devnet("deal", main, "--json").json
    assert (told["chain_id"], told["escrow"]) == (31337, deals.scene.devnet.escrow)
    assert told["online"] is True
    deal = told["deal"]
    assert Agreement.from_json(deal["agreement"]) == deals.main
    token = deals.scene.devnet.tokens["TEST6"]
    assert deal["token"] == {"address": token.address, "symbol": "TEST6", "decimals": 6}
    assert deal["totals"] == {
        "funded": "6000000000",
        "paid": "1000000000",
        "fees": "25000000",
        "arbiter_share": "0",
        "refunded": "0",
        "moved": "0",
        "remaining": "5000000000",
    }
    released, requested, funded = deal["milestones"]
    assert (released["status"], released["state"], released["outcome"]) == (
        "released",
        "settled",
        "released",
    )
    assert (requested["remaining"], requested["pending"]) == ("2000000000", True)
    assert funded["deadline"] == deals.main.final_deadline
    assert [each["what"] for each in deal["next"]][-3:] == ["dormant", "notice", "lapsed"]
    assert told == {**told, "deal": on_devnet("deals", "--json").json["deals"][0]}


def test_an_id_that_names_no_single_deal_is_refused(on_devnet: Cli, deals: Deals) -> None:
    main, _, cancelled, _ = deals.ids()
    assert main[:3] == cancelled[:3]
    assert f"Several deals begin with {main[:3]}." in on_devnet.refuses(2, "deal", main[:3])
    unknown = "0x" + "f" * 63
    assert f"The index has no deal {unknown}." in on_devnet.refuses(1, "deal", unknown)
    assert f"no deal {unknown}." in on_devnet.refuses(1, "events", "--deal", unknown)
    for wrong in ("shop", "0x", "0x" + "1" * 65):
        assert "is not a deal id" in on_devnet.refuses(2, "deal", wrong)
        assert "is not a deal id" in on_devnet.refuses(2, "events", "--deal", wrong)


# --- Events


def test_events_in_the_order_of_the_chain(on_devnet: Cli, deals: Deals) -> None:
    ran = on_devnet("events")
    words = " ".join(ran.out.split())
    for saying in (
        "Opened 6,000 TEST6 in 3 milestones, by 0x7099…79C8",
        "0 Funded 1,000 TEST6 held",
        "Accepted 0x3C44…93BC is bound",
        "0 Released 1,000 TEST6 to 0x3C44…93BC, 25 TEST6 of it the fee (by the employer)",
        "Credited 25 TEST6 to 0x15d3…6A65, who has 25 TEST6",
        "1 ReleaseRequested 2,000 TEST6 asked for",
        "0 Refunded 0.25 ETH to 0x7099…79C8 (cancelled by the freelancer)",
        "Opened 123.45 [b]odd in 1 milestone, by 0x7099…79C8",
    ):
        assert saying in words, saying
    of_deal = on_devnet("events", "--deal", deals.ids()[2][:12])
    names = [next(word for word in line.split() if word.isalpha()) for line in of_deal.lines[1:]]
    assert names == ["Opened", "Funded", "Accepted", "Refunded"]


def test_events_as_json_lines(on_devnet: Cli, deals: Deals) -> None:
    ran = on_devnet("events", "--json")
    assert ran.err == ""
    events = [json.loads(line) for line in ran.lines]
    places = [(each["block_number"], each["log_index"]) for each in events]
    assert places == sorted(places)
    assert {each["event"] for each in events} <= {event.__name__ for event in EVENTS}
    released = next(each for each in events if each["event"] == "Released")
    assert released["args"]["gross"] == "1000000000"
    assert released["args"]["fee"] == "25000000"
    assert released["token"] == {
        "address": deals.main.token,
        "symbol": "TEST6",
        "decimals": 6,
    }


def test_events_come_in_pages(on_devnet: Cli, deals: Deals) -> None:
    whole = on_devnet("events", "--json").lines
    pages: list[str] = []
    after: list[str] = []
    while page := on_devnet("events", "--limit", "5", *after, "--json").lines:
        assert len(page) <= 5
        pages += page
        last = json.loads(page[-1])
        after = ["--after", f"{last['block_number']}:{last['log_index']}"]
    assert pages == whole
    assert on_devnet("events", *after).out == "No events after that.\n"
    for wrong in ("7", "7:", "x:1", "7:1:2", "-1:0"):
        assert "is not BLOCK:LOGINDEX" in on_devnet.refuses(2, "events", f"--after={wrong}")


# --- Where the data comes from


def test_offline_shows_what_was_indexed(
    cli: Cli, on_devnet: Cli, deals: Deals, no_node: str
) -> None:
    on_devnet("index")
    cli.home.mkdir()
    shutil.copy(on_devnet.workspace.index, cli.workspace.index)
    for options in (["--offline"], []):  # nobody named a node, and none answers
        ran = cli("deals", *options)
        assert ran.code == 0
        assert "Offline: as of block " in ran.err
        assert ("No node answers at" in ran.err) is (options == [])
        main = row(ran.out, deals.ids()[0])
        short = f"{deals.main.token[:6]}…{deals.main.token[-4:]}"
        assert main[2] == f"6,000,000,000 units of {short}"
        assert row(ran.out, deals.ids()[1])[2] == "1 ETH"
        told = cli("deal", deals.ids()[0], *options, "--json").json
        assert told["online"] is False
        assert told["deal"]["token"] == {
            "address": deals.main.token,
            "symbol": None,
            "decimals": None,
        }
    assert cli("events", "--offline").lines == cli("events").lines
    assert f"No node answers at {no_node}." in cli.refuses(3, "deals", "--rpc", no_node)
    assert "is of chain 31337, not 1." in cli.refuses(1, "deals", "--offline", "--chain-id", "1")
    told = cli.refuses(1, "deals", "--offline", "--escrow", STRANGER)
    assert f"not {STRANGER}. Make it anew with escrow index --reset" in told


def test_without_index_and_node_it_says_which_to_start(cli: Cli, no_node: str) -> None:
    assert "There is no index index.sqlite." in cli.refuses(1, "deals", "--offline")
    told = cli.refuses(3, "deals")
    assert told.startswith(f"No node answers at {no_node}. Start one")
    assert not cli.home.exists()


def test_the_devnet_is_found_without_being_named(on_devnet: Cli, no_node: str) -> None:
    assert on_devnet("deals").code == 0


def test_another_chain_than_asked_for_is_refused(elsewhere: Cli) -> None:
    for words in (["deals"], ["deal", "0x1"], ["events"], ["index"]):
        told = elsewhere.refuses(3, *words, "--chain-id", "5")
        assert "The node serves chain 31337, not chain 5." in told
    assert not elsewhere.home.exists()


def test_no_escrow_there_is_refused(elsewhere: Cli) -> None:
    assert "No escrow was deployed from this folder" in elsewhere.refuses(1, "deals")
    told = elsewhere.refuses(1, "deals", "--escrow", STRANGER)
    assert f"There is no milestone escrow at {STRANGER}" in told
    assert not elsewhere.home.exists()


def test_an_older_deployment_can_be_named(elsewhere: Cli) -> None:
    first, second = (elsewhere("deploy", "--json").json for _ in range(2))
    assert elsewhere("deals", "--json").json["escrow"] == second["address"]
    store = str(elsewhere.home / "first.sqlite")
    named = ("--escrow", first["address"].lower(), "--store", store)
    assert elsewhere("deals", *named, "--json").json["escrow"] == first["address"]
    # Indexed from its own deployment on.
    report = elsewhere("index", *named, "--reset", "--json").json
    assert report["blocks"] == second["notes"]["block_number"] - first["block_number"] + 1
    told = elsewhere.refuses(1, "deals", "--escrow", first["address"])
    assert f"is of the escrow {second['address']}" in told


def test_an_index_without_its_registry_still_serves(elsewhere: Cli, deals: Deals) -> None:
    escrow = deals.scene.devnet.escrow
    assert elsewhere("index", "--escrow", escrow, "--from-block", "1").code == 0
    assert elsewhere("deals", "--json").json["escrow"] == escrow
    assert len(elsewhere("deals").lines) == 5


def test_a_corrupt_registry_is_refused(elsewhere: Cli) -> None:
    elsewhere.home.mkdir()
    elsewhere.workspace.deployments.write_text('[{"contract"', encoding="utf-8")
    assert "The list of deployments at" in elsewhere.refuses(1, "deals")
    assert not elsewhere.workspace.index.exists()


@pytest.mark.parametrize(
    ("chain_id", "genesis", "words"),
    [(1, bytes(32), "is of chain 1, the node"), (31337, bytes(32), "The chain was restarted")],
)
def test_the_index_of_another_chain_is_refused_and_kept(
    elsewhere: Cli, deals: Deals, chain_id: int, genesis: bytes, words: str
) -> None:
    escrow = deals.scene.devnet.escrow
    elsewhere.home.mkdir()
    Store(elsewhere.workspace.index, StoreIdentity(chain_id, genesis, escrow, 1)).close()
    before = elsewhere.workspace.index.read_bytes()
    for command in ("deals", "index", "events"):
        told = elsewhere.refuses(1, command, "--escrow", escrow)
        assert words in told
        assert "Make it anew with escrow index --reset" in told
    assert elsewhere.workspace.index.read_bytes() == before


def test_a_file_that_is_no_index_is_refused_and_kept(on_devnet: Cli, cli: Cli) -> None:
    cli.home.mkdir()
    notes = cli.home / "notes.txt"
    notes.write_text("what was agreed on the phone", encoding="utf-8")
    for words in (["deals"], ["index"], ["events", "--offline"], ["index", "--reset"]):
        on_devnet.refuses(2 if "--reset" in words else 1, *words, "--store", str(notes))
    assert notes.read_text(encoding="utf-8") == "what was agreed on the phone"


def test_a_token_that_says_nothing_is_shown_in_raw_units(
    elsewhere: Cli, deals: Deals, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain = DevChain(deals.scene.devnet.rpc_url)
    snapshot = chain.snapshot()
    try:
        chain.request("anvil_setCode", deals.odd.token, "0x")
        ran = elsewhere("deals", "--escrow", deals.scene.devnet.escrow)
    finally:
        chain.revert(snapshot)
    assert ran.code == 0
    assert row(ran.out, deals.ids()[3])[2].startswith("12,345 units of 0x")
    assert row(ran.out, deals.ids()[1])[2] == "1 ETH"
