"""The short form: a mutant of each kind is killed, and the tools do what they say."""

from __future__ import annotations

from pathlib import Path

import pytest

from milestone_escrow import artifacts
from tests.compiled import ROOT
from tests.mutation.compiler import NotCompiledError, compile_changed
from tests.mutation.equivalents import Equivalent, UnknownMutantsError, declared, matched
from tests.mutation.operators import OPERATORS
from tests.mutation.score import Result, UnfitError, measure, open_bench, trials
from tests.mutation.sites import Mutant, mutants_of
from tests.mutation.targets import TARGETS
from tests.mutation.trial import Bench, Stage, Verdict

# Where processes are forked from one that has threads; nothing of them is used afterwards.
pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded")

CONTRACTS = ROOT / "contracts"
ESCROW = "MilestoneEscrow.vy"
LEDGER = "modules/ledger.vy"

# File, function, what is wrong with it: one of each operator that works inside functions.
SAMPLE = [
    (ESCROW, "rule", "errors.fail(errors.NOT_ARBITER)", "pass"),
    (ESCROW, "void_request", "self._check_requested(held)", "pass"),
    (
        ESCROW,
        "redeem",
        "gross: uint256 = paid_total - held.paid",
        "gross: uint256 = empty(uint256)",
    ),
    (
        ESCROW,
        "keep_alive",
        "if msg.sender != agreement.employer",
        "if msg.sender != agreement.freelancer",
    ),
    (ESCROW, "_touched", "if block.timestamp < deal.final_deadline", "if True"),
    (
        ESCROW,
        "_touched",
        "if block.timestamp < deal.final_deadline",
        "if block.timestamp >= deal.final_deadline",
    ),
    (ESCROW, "settle", "if block.timestamp >= expiry", "if block.timestamp > expiry"),
    (ESCROW, "cancel", "total: uint256 = 0", "total: uint256 = 1"),
    (
        ESCROW,
        "dispute",
        "deal.word |= packing.TRACKED << index",
        "deal.word |= packing.TRACKED >> index",
    ),
    (ESCROW, "rule", "held.remaining -= share", "held.remaining += share"),
    (
        ESCROW,
        "_log_released",
        "fee: uint256 = self._fee(fee_bps, paid, gross)",
        "fee: uint256 = self._fee(fee_bps, gross, paid)",
    ),
    (LEDGER, "_succeeds", "if not success", "if (success)"),
    (
        LEDGER,
        "pay_out",
        'if not raw_call(receiver, b"", value=amount, revert_on_failure=False)',
        'if not raw_call(receiver, b"", revert_on_failure=False)',
    ),
]


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return open_bench(TARGETS["escrow"], tmp_path_factory.mktemp("bench"))


@pytest.fixture(scope="module")
def mutants(bench: Bench) -> list[Mutant]:
    return mutants_of(bench.target, bench.folder)


def test_a_mutant_of_each_kind_is_killed_by_the_plays(bench: Bench, mutants: list[Mutant]) -> None:
    some = [mutant for mutant in mutants if mutant.key[:4] in SAMPLE and mutant.nth == 1]
    assert len(some) == len(SAMPLE), "a statement of the sample has changed: name another"
    assert {mutant.operator for mutant in some} == {*OPERATORS} - {"decorator"}
    results = [*trials(bench, some, [Stage.PLAYS], 1, 120)]
    assert [r.mutant.name for r in results if r.verdict is not Verdict.KILLED] == []


def test_what_is_compiled_here_is_what_is_published(bench: Bench) -> None:
    published = artifacts.load("MilestoneEscrow").bytecode
    code = compile_changed(bench.folder, ESCROW, {}, bench.memory)
    assert published.startswith(code)


def test_a_mutant_is_one_change_of_one_statement(mutants: list[Mutant]) -> None:
    assert len({mutant.name for mutant in mutants}) == len(mutants)
    assert {mutant.operator for mutant in mutants} == {*OPERATORS}
    for mutant in mutants:
        original = (CONTRACTS / mutant.file).read_text(encoding="utf-8")
        edit, text = mutant.edit, mutant.text(original)
        assert text != original
        assert text[: edit.start] == original[: edit.start]
        assert text.endswith(original[edit.end :])


@pytest.mark.parametrize("file", ["DealNotes.vy", "modules/errors.vy"])
@pytest.mark.parametrize("more", ["nonsense", "N: constant(uint256) = 1**2"])
def test_what_does_not_compile_is_told_from_what_does(file: str, more: str) -> None:
    source = (CONTRACTS / file).read_text(encoding="utf-8")
    with pytest.raises(NotCompiledError):
        compile_changed(CONTRACTS, "DealNotes.vy", {file: f"{source}\n{more}\n"})


def test_every_declared_equivalent_is_a_mutant() -> None:
    found = {
        key
        for target in TARGETS.values()
        for key in matched(declared(), mutants_of(target, CONTRACTS))
    }
    assert found == {declaration.key for declaration in declared()}
    assert all(declaration.why.endswith(".") for declaration in declared())


def test_a_declaration_that_fits_no_mutant_is_an_error(mutants: list[Mutant]) -> None:
    file, function, before, after, nth = mutants[0].key
    good = Equivalent(mutants[0].key, "It is not.")
    assert matched([good], mutants) == {mutants[0].key: "It is not."}
    for wrong in ([Equivalent((file, function, before, after, nth + 9), "")], [good, good]):
        with pytest.raises(UnknownMutantsError, match=r"equivalent\.toml"):
            matched(wrong, mutants)


def test_a_run_goes_on_where_it_was_stopped(tmp_path: Path) -> None:
    book = tmp_path / "results.jsonl"
    tried: list[Result] = []

    def note(done: int, total: int, result: Result) -> None:
        tried.append(result)

    first = measure("notes", sample=2, stages=[], resume=book, progress=note)
    assert (len(tried), first.chosen) == (2, 2)
    again = measure("notes", sample=4, stages=[], resume=book, progress=note)
    assert (len(tried), again.chosen) == (4, 4)
    assert again.results[:2] == first.results
    survivors = [result for result in again.results if result.verdict is Verdict.SURVIVED]
    assert len(again.survivors) + again.duplicates >= len(survivors) > 0
    assert again.score < 1


def test_tests_that_fail_anyway_judge_nobody() -> None:
    with pytest.raises(UnfitError, match="it took too long"):
        measure("arbiter", sample=1, stages=[Stage.ALL], limit=1)
