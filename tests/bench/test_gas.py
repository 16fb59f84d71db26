"""The gas bench: its table is whole, its snapshot is true, and what grew is told."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from bench import gas
from bench.gas_chain import measure
from bench.gas_rows import ASSETS, ROWS, Asset
from bench.gas_snapshot import Snapshot, conditions_of, read_snapshot, write_snapshot
from milestone_escrow import artifacts
from milestone_escrow.exceptions import UsageError

Gas = dict[str, dict[Asset, int]]


@pytest.fixture(scope="module")
def measured() -> Gas:
    return measure()


@pytest.fixture
def snapshot(measured: Gas, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return where main looks for the snapshot; main need not measure again."""
    path = tmp_path / "gas_snapshot.json"
    monkeypatch.setattr(gas, "SNAPSHOT", path)
    monkeypatch.setattr(gas, "measure", lambda: measured)
    write(path, measured)
    return path


def write(path: Path, figures: Gas) -> None:
    write_snapshot(path, Snapshot(conditions_of(artifacts.load("MilestoneEscrow")), figures))


def other(figures: Gas, row: str, asset: Asset, more: int) -> Gas:
    """Return the figures with one of them changed."""
    return {**figures, row: {**figures[row], asset: figures[row][asset] + more}}


def test_the_committed_snapshot_is_what_is_measured(measured: Gas) -> None:
    committed = read_snapshot(gas.SNAPSHOT)
    assert committed.gas == measured, "run python -m bench.gas"
    assert committed.conditions == conditions_of(artifacts.load("MilestoneEscrow"))


def test_every_call_that_changes_something_has_a_row() -> None:
    measurable = {
        entry["name"]
        for entry in artifacts.load("MilestoneEscrow").abi
        if entry["type"] == "function" and entry["stateMutability"] in ("nonpayable", "payable")
    }
    assert measurable == set().union(*(row.calls for row in ROWS))


def test_rows_have_names_of_their_own_and_goals_have_rows() -> None:
    names = [row.name for row in ROWS]
    assert len(set(names)) == len(names)
    assets = {row.name: set(row.assets) for row in ROWS}
    assert {name: set(goals) for name, goals in gas.GOALS.items()}.items() <= assets.items()


def test_a_row_is_measured_in_its_assets_only(measured: Gas) -> None:
    assert {name: set(figures) for name, figures in measured.items()} == {
        row.name: set(row.assets) for row in ROWS
    }
    assert {row.assets for row in ROWS if "fund_with_permit" in row.calls} == {("erc20",)}


def test_ten_milestones_in_any_call_are_far_under_a_block(measured: Gas) -> None:
    tens = [row.name for row in ROWS if row.milestones == 10]
    assert tens
    assert all(max(measured[name].values()) < gas.BLOCK_GAS // 50 for name in tens)


def test_the_table_shows_every_row(
    measured: Gas, snapshot: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert gas.main([]) == 0
    printed = capsys.readouterr().out
    lines = {line.strip() for line in printed.splitlines()}
    for row in ROWS:
        figures = {asset: f"{measured[row.name][asset]:,}" for asset in row.assets}
        if row.name in gas.GOALS:
            assert row.title in printed
            assert all(figure in printed for figure in figures.values())
        else:
            shown = [row.title, *(figures.get(asset, "-") for asset in ASSETS)]
            found = [line for line in lines if re.split(r" {2,}", line)[:3] == shown]
            assert len(found) == 1, row.name


def test_a_missed_goal_is_marked_and_fails_nothing(
    measured: Gas,
    snapshot: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    goal = gas.GOALS["release 1"]["native"].gas
    over = {**measured, "release 1": {**measured["release 1"], "native": goal + 7}}
    at = {**measured, "release 1": {**measured["release 1"], "native": goal}}
    monkeypatch.setattr(gas, "measure", lambda: over)
    write(snapshot, over)
    assert gas.main(["--check"]) == 0
    assert "+7 over" in capsys.readouterr().out
    assert ("release 1", "native", 7) in gas.missed(over)
    assert all(row != "release 1" for row, _, _ in gas.missed(at))


def test_a_row_that_grew_fails_and_is_named(
    measured: Gas, snapshot: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(snapshot, other(measured, "cancel 1", "erc20", -1))
    assert gas.main([]) == 1
    assert "cancel 1, erc20 grew: " in capsys.readouterr().out


def test_a_row_that_shrank_is_told_and_fails_a_check_only(
    measured: Gas, snapshot: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(snapshot, other(measured, "cancel 1", "erc20", 1))
    assert gas.main([]) == 0
    assert "cancel 1, erc20 shrank: " in capsys.readouterr().out
    assert gas.main(["--check"]) == 1


def test_a_check_fails_on_rows_and_conditions_that_the_snapshot_lacks(
    measured: Gas, snapshot: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fewer = {row: figures for row, figures in measured.items() if row != "claim 10"}
    fewer["open 1"] = {"erc20": measured["open 1"]["erc20"]}
    write_snapshot(snapshot, Snapshot({"compiler": "vyper 0.1"}, fewer))
    assert gas.main([]) == 0
    assert gas.main(["--check"]) == 1
    printed = capsys.readouterr().out
    assert "claim 10, native is new" in printed
    assert "open 1, native is new" in printed
    assert "compiler changed: vyper 0.1 -> " in printed


def test_an_update_makes_the_snapshot_true(measured: Gas, snapshot: Path) -> None:
    write(snapshot, other(measured, "cancel 1", "erc20", -1))
    assert gas.main(["--update"]) == 0
    assert read_snapshot(snapshot).gas == measured
    assert gas.main(["--check"]) == 0


def test_json_has_every_figure_and_what_changed(
    measured: Gas, snapshot: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(snapshot, other(measured, "open 1", "native", -1))
    assert gas.main(["--json"]) == 1
    shown = json.loads(capsys.readouterr().out)
    figures = {(row["row"], row["asset"]): row["gas"] for row in shown["rows"]}
    assert figures == {
        (row.name, asset): measured[row.name][asset] for row in ROWS for asset in row.assets
    }
    goal = gas.GOALS["open 1"]["native"]
    assert shown["rows"][0] | {"gas": 0, "difference": 0, "title": ""} == {
        "row": "open 1",
        "title": "",
        "asset": "native",
        "gas": 0,
        "goal": goal.gas,
        "difference": 0,
        "best": goal.best,
    }
    assert shown["rows"][0]["difference"] == measured["open 1"]["native"] - goal.gas
    assert [(change["what"], change["grew"]) for change in shown["changes"]] == [
        ("open 1, native", True)
    ]


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "[]",
        "{}",
        '{"gas": 1}',
        '{"gas": {"open 1": {}}}',
        '{"gas": {"open 1": {"native": "much"}}}',
        '{"gas": {"open 1": {"native": 1, "gold": 1}}}',
    ],
)
def test_without_a_snapshot_nothing_is_compared(
    text: str | None, snapshot: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if text is None:
        snapshot.unlink()
    else:
        snapshot.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match="gas_snapshot") as refused:
        read_snapshot(snapshot)
    assert gas.main([]) == 2
    assert capsys.readouterr().err == f"{refused.value}\n"
