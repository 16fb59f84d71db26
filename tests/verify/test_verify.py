"""The frame of ``make verify``: what it calls met, and what it makes of what goes wrong."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from milestone_escrow.deal_state import Outcome
from milestone_escrow.indexer import Indexer, Reader
from tests import evm
from tests.compiled import ROOT
from tests.contract.playing import YOUNG, play_one
from tests.library.long_chain import LongChain
from tests.library.plausible_escrow import ESCROW
from tests.verify import __main__ as command
from tests.verify import audit, kills, pytests, runs
from tests.verify.abuse import covered
from tests.verify.rows import Depth, Row, Stopwatch, at_least, not_run
from tests.verify.statements import coverage
from tests.verify.table import result_of, show, write_json
from tests.verify.traps import trapping, with_traps


def row(figure: float, failures: str = "") -> Row:
    return at_least(
        "model",
        "calls",
        figure,
        10,
        "calls",
        watch=Stopwatch(),
        depth=Depth.SHORT,
        failures=failures,
    )


def test_a_goal_is_met_if_it_is_reached_and_nothing_failed() -> None:
    assert result_of(row(10)) == "met"
    assert result_of(row(9.99)) == "not met"
    assert result_of(row(10, "seed 7 differs")) == "not met"
    missing = not_run("proofs", "properties", 40, "properties", "no halmos", Depth.DEEP)
    assert result_of(missing) == "not run"


def test_the_table_has_every_figure_and_every_note() -> None:
    console = Console(width=200)
    missing = not_run("proofs", "properties", 40, "properties", "no [halmos]", Depth.DEEP)
    with console.capture() as shown:
        show([row(12_345), missing], console)
    text = shown.get()
    for part in ("12,345", "not run", "proofs, properties: no [halmos]", "--only model --short"):
        assert part in text


def test_the_file_has_the_same_rows(tmp_path: Path) -> None:
    write_json([row(9)], tmp_path / "rows.json")
    (written,) = json.loads((tmp_path / "rows.json").read_text(encoding="utf-8"))["rows"]
    assert (written["technique"], written["figure"], written["result"]) == ("model", 9, "not met")


def test_what_a_technique_raises_is_a_missed_goal() -> None:
    (failed,) = command.measure("no_such_technique", Depth.SHORT, Console(quiet=True))
    assert failed.met is False
    assert failed.note.startswith("ModuleNotFoundError: ")


def test_the_command_measures_one_technique_and_tells_how_to_repeat_it(tmp_path: Path) -> None:
    to = tmp_path / "rows.json"
    line = [sys.executable, "-m", "tests.verify", "--only", "model", "--short", "--json", str(to)]
    few = {**os.environ, "ESCROW_MODEL_CALLS": "1000"}
    ended = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, env=few)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    (written,) = json.loads(to.read_text(encoding="utf-8"))["rows"]
    assert written["command"] == "python -m tests.verify --only model --short"
    assert (written["result"], written["goal"]) == ("met", 1_000)


def test_numbers_of_abuse_are_read_from_the_names() -> None:
    listed = "a.py::test_abuse_27_28_no[x]\na.py::test_abuse_27_v\na.py::test_other_27_v\n"
    assert covered(listed) == {27: 2, 28: 1}
    of_bridge = "a.py::test_abuse_bridge_07_no[x]\n"
    assert covered(listed + of_bridge) == {27: 2, 28: 1}
    assert covered(listed + of_bridge, "bridge") == {7: 1}


# --- Runs that are stopped and taken up again


def test_a_run_goes_on_where_it_was_stopped(tmp_path: Path) -> None:
    journal = tmp_path / "run.jsonl"
    first = runs.play(1_500, 7, journal=journal)
    lines = journal.read_text(encoding="utf-8").splitlines()
    assert len(lines) == len(first) == 2
    journal.write_text(f"{lines[0]}\n{lines[1][:9]}", encoding="utf-8")  # killed as it wrote
    assert len(runs._read(journal)) == 1
    again = runs.play(1_500, 7, journal=journal)
    assert {one.batch: one.calls for one in again} == {one.batch: one.calls for one in first}


def test_a_difference_ends_the_run_and_names_the_command_that_repeats_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(seed: int, pace: float) -> None:
        raise AssertionError(f"seed {seed}")

    monkeypatch.setattr(runs, "play_one", fail)
    played = runs._play(runs.Batch(7, 2, YOUNG, "none"))
    assert played.failure.endswith(f"python -m tests.verify.replay 7 {YOUNG} --optimize none")


# --- What the index is put through


def test_tests_that_pytest_ran_are_counted_by_what_came_of_them() -> None:
    told = (
        "PASSED tests/a.py::test_fault[rate limit in JSON]\n"
        "FAILED tests/a.py::test_fault[cut in the middle] - AssertionError: no\n"
        "ERROR tests/b.py::test_other\n2 failed, 1 passed in 0.10s\n"
    )
    ran = pytests.counted(told)
    assert ran.passed == ("test_fault[rate limit in JSON]",)
    assert ran.failed == ("test_fault[cut in the middle]", "test_other")
    assert "test_other" in ran.failures


def test_a_planted_error_that_is_missed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    found = pytests.Ran(tuple(f"test_finds_{n}" for n in range(40)), ("test_finds_the_last",))
    monkeypatch.setattr(audit, "run", lambda *arguments: found)
    (missed,) = audit.measure(Depth.SHORT, lambda line: None)
    assert (missed.figure, missed.met) == (40, False)
    assert "test_finds_the_last" in missed.note


def test_kills_fall_into_commits_and_lose_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kills, "STORES", ("SQLite",))
    (row,) = kills.measure(Depth.SHORT, lambda line: None)
    assert (row.figure, row.met) == (kills.KILLS[Depth.SHORT], True)


def test_a_long_chain_is_what_a_node_would_give(tmp_path: Path) -> None:
    with LongChain(600, parts=3) as node, Indexer(node.url, tmp_path / "i.db", ESCROW) as indexer:
        report = indexer.run_once()
    assert (report.events, report.head) == (600, 100)
    with Reader(tmp_path / "i.db") as reader:
        deals = reader.deals(limit=200)
    assert len(deals) == 100
    assert {deal.milestones[0].outcome for deal in deals} == {Outcome.RELEASED}


# --- Coverage


def test_traps_tell_what_is_executed_and_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = play_one(3, YOUNG)
    (escrow,) = with_traps(["MilestoneEscrow.vy"])
    monkeypatch.setattr(evm, "pyrevm", trapping([escrow]))
    assert play_one(3, YOUNG) == plain
    executed = coverage(escrow)
    of_deeds = {it.function for it, was in executed.items() if was}
    assert "release" in of_deeds
    assert "eip712Domain" not in of_deeds  # nobody asks for it in a play
    assert 0.8 * len(executed) < sum(executed.values()) < len(executed)
