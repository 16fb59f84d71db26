"""``--at``: deals and accounts as they stood at a block or a time, or will stand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from milestone_escrow import calls, devnet
from milestone_escrow.agreement import DAY
from milestone_escrow.audit import state_at
from milestone_escrow.indexer import Reader
from milestone_escrow.workspace import Workspace
from tests.cli.conftest import ETHER, Cli, Deals, Scene


@dataclass(frozen=True)
class Slow:
    """A deal whose steps are a day apart.

    Attributes:
        steps: Block of each step but the first, and what the milestone is from then on.
    """

    scene: Scene
    deal: str
    steps: tuple[tuple[int, str], ...]

    @property
    def cli(self) -> Cli:
        return Cli(self.scene.workspace.folder)

    def time_of(self, block: int) -> int:
        return int(self.scene.w3.eth.get_block(block)["timestamp"])


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slow]:
    workspace = Workspace(tmp_path_factory.mktemp("slow") / ".escrow")
    try:
        scene = Scene(workspace)
        agreement = scene.agreement(ETHER)
        steps: list[tuple[int, str]] = []
        for role, call, status in (
            ("employer", calls.fund(agreement, [0]), "reserved"),
            ("freelancer", calls.accept(agreement, [0]), "funded"),
            ("freelancer", calls.request_release(agreement, [0]), "requested"),
        ):
            scene.do(role, call)
            steps.append((scene.w3.eth.block_number, status))
            scene.chain.advance(DAY)
        yield Slow(scene, scene.id_of(agreement), tuple(steps[1:]))
    finally:
        devnet.down(wipe=True, workspace=workspace)


def deal(cli: Cli, deal_id: str, at: int | str, *options: str) -> dict[str, Any]:
    ran = cli("deal", deal_id, "--at", str(at), *options, "--json")
    assert ran.code == 0, ran.err
    shown: dict[str, Any] = ran.json
    return shown


def states(shown: dict[str, Any]) -> list[str]:
    return [each["status"] for each in shown["deal"]["milestones"]]


def times(deals: Deals) -> Iterator[tuple[int, int]]:
    """Yield number and time of each block."""
    eth = deals.scene.w3.eth
    for number in range(deals.scene.devnet.from_block, eth.block_number + 1):
        yield number, eth.get_block(number)["timestamp"]


def test_each_block_shows_the_fold_of_the_events_up_to_it(on_devnet: Cli, deals: Deals) -> None:
    on_devnet("index")
    with Reader(on_devnet.workspace.index) as reader:
        for number, time in times(deals):
            expected = state_at(reader, number).deals
            for options in ((), ("--offline",)):
                shown = on_devnet("deals", "--at", str(number), *options, "--json").json
                assert shown["block"] == number
                assert options or shown["at"] == time
                assert shown["at"] <= time
                assert [each["deal_id"] for each in shown["deals"]] == [
                    "0x" + deal_id.hex() for deal_id in expected
                ]
                assert [each["totals"]["remaining"] for each in shown["deals"]] == [
                    str(each.remaining) for each in expected.values()
                ]


def test_a_deal_at_the_blocks_of_its_life(on_devnet: Cli, deals: Deals) -> None:
    main = deals.ids()[0]
    opened = on_devnet("deal", main, "--json").json["deal"]["opened_block"]
    life = [states(deal(on_devnet, main, opened + later)) for later in range(4)]
    assert life == [
        ["reserved"] * 3,
        ["funded"] * 3,
        ["released", "funded", "funded"],
        ["released", "requested", "funded"],
    ]
    assert deal(on_devnet, main, opened)["deal"]["status"] == "open"
    text = on_devnet("deal", main, "--at", str(opened)).out
    assert "open (not bound)" in " ".join(text.split())
    assert f"(block {opened:,})" in text
    told = on_devnet.refuses(1, "deal", main, "--at", str(opened - 1))
    assert "was not open at block" in told


def test_a_time_is_the_last_block_up_to_it(slow: Slow) -> None:
    for number, status in slow.steps:
        time = slow.time_of(number)
        before, at, after = (deal(slow.cli, slow.deal, time + second) for second in (-1, 0, 1))
        assert (at["block"], at["at"], states(at)) == (number, time, [status])
        assert (after["block"], after["at"], states(after)) == (number, time + 1, [status])
        assert states(before) != [status]
        assert states(deal(slow.cli, slow.deal, number - 1)) == states(before)


def test_what_the_clock_makes_of_a_deal(on_devnet: Cli, deals: Deals) -> None:
    """One second before, at and after each boundary."""
    main = deals.ids()[0]
    now = on_devnet("deal", main, "--json").json
    requested = now["deal"]["milestones"][1]["since"]
    half = requested + deals.main.review_period // 2
    claimable = requested + deals.main.review_period
    dormant = deals.main.final_deadline + 60 * DAY
    for at, before, after in (
        (half, "requested", "overdue"),
        (claimable, "overdue", "claimable"),
    ):
        seen = [states(deal(on_devnet, main, at + second))[1] for second in (-1, 0, 1)]
        assert seen == [before, after, after]
    for at, before, after in (
        (dormant, "funded", "dormant"),
        (dormant + 14 * DAY, "dormant", "lapsed"),
    ):
        seen = [states(deal(on_devnet, main, at + second))[2] for second in (-1, 0, 1)]
        assert seen == [before, after, after]
    for at, step_before, step in (
        (dormant, None, "dormant"),
        (dormant + 7 * DAY, "dormant", "noticed"),
        (dormant + 14 * DAY, "noticed", "lapsed"),
    ):
        seen = [
            deal(on_devnet, main, at + second)["deal"]["dormancy"]["step"] for second in (-1, 0, 1)
        ]
        assert seen == [step_before, step, step]
    steps = now["deal"]["dormancy"]
    assert (steps["dormant_at"], steps["lapsed_at"]) == (dormant, dormant + 14 * DAY)
    ran = on_devnet("deal", main, "--at", str(dormant + 7 * DAY))
    assert "dormant, lapse announced (bound)" in " ".join(ran.out.split())
    assert "if nobody acts until then" in ran.err


def test_an_account_at_a_time(on_devnet: Cli, deals: Deals) -> None:
    freelancer = deals.scene.devnet.roles["freelancer"]
    main = deals.ids()[0]
    since = on_devnet("deal", main, "--json").json["deal"]["milestones"][1]["since"]
    claimable = since + deals.main.review_period

    def counts(at: int) -> dict[str, int]:
        held = on_devnet("account", freelancer, "--at", str(at), "--json").json["held"]
        found: dict[str, int] = held[0]["counts"]
        return found

    assert [counts(claimable + second)["claimable"] for second in (-1, 0, 1)] == [0, 1, 1]
    ahead = on_devnet("account", freelancer, "--at", str(claimable))
    assert "if nobody acts until then" in ahead.err


@pytest.mark.parametrize("command", ["deal", "deals", "account"])
def test_a_moment_outside_the_index_is_refused(on_devnet: Cli, deals: Deals, command: str) -> None:
    given = {"deal": [deals.ids()[0]], "account": [deals.scene.devnet.roles["employer"]]}
    on_devnet("index")
    with Reader(on_devnet.workspace.index) as reader:
        last, _ = reader.checkpoint()
    first = deals.scene.devnet.from_block
    for at, words in (
        (last + 1, f"holds the blocks {first} to {last}, not block {last + 1}"),
        (first - 1, f"holds the blocks {first} to {last}, not block {first - 1}"),
        (1_000_000_000, "knows of no block at or before 2001-09-09 01:46:40 UTC"),
        ("2001-09-10T00:00Z", "knows of no block at or before 2001-09-10 00:00:00 UTC"),
    ):
        args = (command, *given.get(command, []), "--at", str(at))
        assert words in on_devnet.refuses(2, *args)
        error = json.loads(on_devnet(*args, "--json").err.splitlines()[-1])["error"]
        assert error["code"] == "not-indexed"
    assert "neither a block nor a time" in on_devnet.refuses(
        2, command, *given.get(command, []), "--at", "yesterday"
    )


@pytest.mark.parametrize("command", [("audit",), ("export", "--format", "csv", "--out", "x.csv")])
def test_what_has_not_happened_is_not_audited(on_devnet: Cli, command: tuple[str, ...]) -> None:
    told = on_devnet.refuses(2, *command, "--at", "2100-01-01T00:00Z")
    assert "before 2100-01-01 00:00:00 UTC" in told


def test_an_audit_at_a_time_is_that_of_its_block(slow: Slow) -> None:
    (number, _), _ = slow.steps
    at = {second: str(slow.time_of(number) + second) for second in (-1, 0, 1)}
    reports = {second: slow.cli("audit", "--at", at[second], "--json").json for second in at}
    assert [reports[second]["difference"] for second in at] == [None] * 3
    assert reports[0] == reports[1] == slow.cli("audit", "--at", str(number), "--json").json
    assert reports[-1]["block"] < number
