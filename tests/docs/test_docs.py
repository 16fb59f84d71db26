from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from milestone_escrow import artifacts
from milestone_escrow.revert_sentences import SENTENCES
from scripts._build.artifacts import CONTRACTS, BuildError
from scripts._build.docs import INTERFACES, Sources, main, rewrite
from scripts._build.reach import functions
from tests.docs.pages import PAGES, ROOT, anchors, code_words, links, prose

CONTRACT_PAGES = ROOT / "docs" / "contract"
_COLUMNS = 64  # of a line of the demo, before gas and block


@pytest.fixture(scope="module")
def sources() -> Sources:
    return Sources()


def named(contract: str, kind: str) -> set[str]:
    return {entry["name"] for entry in artifacts.load(contract).abi if entry["type"] == kind}


def calls_of(contract: str) -> list[str]:
    return [
        entry["name"]
        for entry in artifacts.load(contract).abi
        if entry["type"] == "function" and entry["stateMutability"] not in ("view", "pure")
    ]


def page_id(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


# --- What is made


def test_the_generated_tables_are_fresh(sources: Sources) -> None:
    for page in (ROOT / "docs").rglob("*.md"):
        text = page.read_text(encoding="utf-8")
        assert rewrite(text, sources) == text, f"{page_id(page)} is stale: run make artifacts"


def test_a_stale_region_is_made_anew_and_the_rest_is_left(sources: Sources) -> None:
    page = (
        "By hand.\n\n<!-- made: errors DealNotes.request_cancel -->\nold\n<!-- /made -->\n\nToo\n"
    )
    made = rewrite(page, sources)
    assert "old" not in made
    assert made.startswith("By hand.\n\n<!-- made: errors DealNotes.request_cancel -->\n| error |")
    assert made.endswith("|\n<!-- /made -->\n\nToo\n")
    assert rewrite(made, sources) == made
    assert re.findall(r"^\| `(\w+)` \|", made, re.M) == ["NotEmployer", "NotOpened", "DealClosed"]


@pytest.mark.parametrize(
    ("page", "sentence"),
    [
        ("<!-- made: errors -->\n", "not opened or not closed"),
        ("<!-- /made -->\n", "not opened or not closed"),
        ("<!-- made: poems -->\n<!-- /made -->\n", "which nothing makes"),
        ("<!-- made: call MilestoneEscrow.steal -->\n<!-- /made -->\n", "which there is not"),
        ("<!-- made: call Bank.fund -->\n<!-- /made -->\n", "which there is not"),
    ],
)
def test_a_wrong_region_is_refused(sources: Sources, page: str, sentence: str) -> None:
    with pytest.raises(BuildError, match=sentence):
        rewrite(page, sources)


def test_a_constructor_s_errors_and_events_are_told(sources: Sources) -> None:
    constructor = sources.functions["ArbiterAdapter"]["__init__"]
    assert constructor.errors == {"BAD_PERIODS"}
    assert constructor.events == {"MetaEvidence"}


def test_check_fails_on_a_stale_page_and_leaves_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("scripts._build.docs.ROOT", tmp_path)
    monkeypatch.setattr("scripts._build.docs.DOCS", tmp_path)
    page = tmp_path / "page.md"
    stale = "<!-- made: reasons -->\n<!-- /made -->\n"
    page.write_text(stale, encoding="utf-8")
    assert main(["--check"]) == 1
    assert page.read_text(encoding="utf-8") == stale
    assert "page.md is not what the contracts give" in capsys.readouterr().err
    assert main([]) == 0
    assert "| 9 | `DORMANT` |" in page.read_text(encoding="utf-8")
    assert main(["--check"]) == 0


@pytest.mark.parametrize("contract", INTERFACES)
def test_what_calls_can_raise_is_what_the_code_can_raise(sources: Sources, contract: str) -> None:
    reached = {error for f in sources.functions[contract].values() for error in f.errors}
    in_code = {re.sub(r"(?<!^)(?=[A-Z])", "_", name).upper() for name in named(contract, "error")}
    assert reached == in_code


def test_a_call_of_the_contract_itself_is_followed(sources: Sources) -> None:
    escrow = sources.functions["MilestoneEscrow"]
    assert escrow["fund_with_permit"].errors == escrow["fund"].errors
    assert "NOT_EMPLOYER" in escrow["fund"].errors
    assert escrow["fund_with_permit"].events == {"Opened", "Accepted", "Funded"}
    # Through three internal functions, and not where nothing is pushed.
    assert "NOT_ENOUGH_GAS" in escrow["rule"].errors
    assert "NOT_ENOUGH_GAS" not in escrow["dispute"].errors


@pytest.mark.parametrize(
    ("instead", "sentence"),
    [
        ("assert score < 6, 'bad'", "fails by another way"),
        ("raw_revert(b'')", "fails by another way"),
        ("errors.fail(score)", "not named at the place"),
    ],
)
def test_a_failure_that_cannot_be_listed_is_refused(
    tmp_path: Path, instead: str, sentence: str
) -> None:
    folder = tmp_path / "contracts"
    for source in (ROOT / "contracts").rglob("*.vy*"):
        copied = folder / source.relative_to(ROOT / "contracts")
        copied.parent.mkdir(parents=True, exist_ok=True)
        text = source.read_text(encoding="utf-8")
        if source.name == "DealNotes.vy":
            assert "errors.fail(errors.BAD_SCORE)" in text
            text = text.replace("errors.fail(errors.BAD_SCORE)", instead)
        copied.write_text(text, encoding="utf-8")
    (notes,) = (contract for contract in CONTRACTS if contract.name == "DealNotes")
    with pytest.raises(BuildError, match=sentence):
        functions(notes, tmp_path)


# --- What is written


@pytest.mark.parametrize("call", calls_of("MilestoneEscrow"))
def test_every_call_has_its_page(call: str) -> None:
    page = CONTRACT_PAGES / f"{call}.md"
    text = page.read_text(encoding="utf-8")
    assert text.startswith(f"# {call}\n")
    for kind in ("call", "events", "errors"):
        assert f"<!-- made: {kind} MilestoneEscrow.{call} -->" in text
    for row in ("Who", "Before", "After", "When", "Money", "Activity"):
        assert f"\n| {row} | " in text
    assert "\n## Final\n" in text
    table = (CONTRACT_PAGES / "README.md").read_text(encoding="utf-8")
    assert f"[{call}]({call}.md)" in table


@pytest.mark.parametrize("call", calls_of("DealNotes"))
def test_every_note_has_its_section(call: str) -> None:
    text = (CONTRACT_PAGES / "notes.md").read_text(encoding="utf-8")
    section = text.partition(f"\n## {call}\n")[2].partition("\n## ")[0]
    for kind in ("call", "events", "errors"):
        assert f"<!-- made: {kind} DealNotes.{call} -->" in section


def test_every_view_is_told() -> None:
    views = named("MilestoneEscrow", "function") - set(calls_of("MilestoneEscrow"))
    assert views <= anchors_of_calls(CONTRACT_PAGES / "views.md")


def anchors_of_calls(page: Path) -> set[str]:
    return set(re.findall(r"<!-- made: call \w+\.(\w+) -->", page.read_text(encoding="utf-8")))


def test_the_diagram_names_calls_and_states_that_exist() -> None:
    text = (CONTRACT_PAGES / "README.md").read_text(encoding="utf-8")
    diagram = text.partition("```mermaid\n")[2].partition("```")[0]
    arrows = re.findall(r"(\[\*\]|\w+) --> (\[\*\]|\w+)(?:: (.*))?", diagram)
    states = {state for arrow in arrows for state in arrow[:2]} - {"[*]"}
    assert states == {"agreed", "reserved", "funded", "requested", "disputed", "settled"}
    told = {word for *_, label in arrows for word in re.findall(r"\w+", label)}
    untold = set(calls_of("MilestoneEscrow")) - told
    assert untold == {
        *("fund_with_permit", "amend", "release_part"),  # told in the text
        *("keep_alive", "withdraw_credit", "pay_credit"),  # of no milestone
    }


def test_the_readme_names_every_call() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert all(f"`{call}`" in text for call in calls_of("MilestoneEscrow"))


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_every_error_and_event_that_is_named_exists(page: Path) -> None:
    known = {*SENTENCES, *artifacts.names()}
    for contract in INTERFACES:
        known |= named(contract, "event")
    known |= {"Agreement", "Amendment", "Voucher", "Settlement", "Milestone"}  # what is signed
    words = {word for word in code_words(page) if re.fullmatch(r"([A-Z][a-z]+)+", word)}
    assert words <= known


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_relative_links_lead_somewhere(page: Path) -> None:
    for target in links(page):
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), target
        assert file.is_relative_to(ROOT), target
        assert not anchor or anchor in anchors(file), target


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_files_that_are_named_exist(page: Path) -> None:
    folders = ("contracts", "milestone_escrow", "tests", "scripts", "docs", "bench")
    for word in code_words(page):
        if re.fullmatch(rf"({'|'.join(folders)})(/[\w.]+)+/?", word):
            assert (ROOT / word).exists(), word


def test_tests_that_the_commands_run_exist() -> None:
    commands = re.findall(r'ARGS="([^"]*)"', prose(ROOT / "docs" / "verification.md"))
    paths = [word for command in commands for word in command.split() if word.startswith("tests")]
    assert len(paths) > 10
    assert all((ROOT / path).exists() for path in paths)


def test_the_demo_of_the_readme_is_what_the_demo_prints() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "milestone_escrow", "demo"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    printed = {line[:_COLUMNS].rstrip() for line in ran.stdout.splitlines()}
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = text.partition("```text\n")[2].partition("```")[0].splitlines()
    assert len(shown) > 20
    for line in shown:
        assert line[:_COLUMNS].rstrip() in printed, f"the demo does not print: {line}"
