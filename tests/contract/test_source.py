"""What the source must not say at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.compiled import ROOT

CONTRACTS = ROOT / "contracts"
SOURCES = [CONTRACTS / "MilestoneEscrow.vy", *sorted((CONTRACTS / "modules").glob("*.vy"))]


def code_of(source: str) -> str:
    """Return a source without its comments."""
    return "\n".join(line.split("#")[0] for line in source.splitlines())


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
@pytest.mark.parametrize(
    "word", ["tx.origin", "selfdestruct", "create_", "block.number", "prevhash"]
)
def test_abuse_33_nothing_depends_on_what_it_should_not(path: Path, word: str) -> None:
    assert word not in code_of(path.read_text(encoding="utf-8"))


def test_abuse_33_code_is_asked_for_only_of_tokens_and_signers() -> None:
    asking = {
        line.split(".is_contract")[0].split()[-1]
        for path in SOURCES
        for line in code_of(path.read_text(encoding="utf-8")).splitlines()
        if ".is_contract" in line or ".code" in line
    }
    assert asking == {"token", "signer"}


def test_the_escrow_lends_itself_to_no_code_but_its_own() -> None:
    calls = [
        call
        for path in SOURCES
        for call in code_of(path.read_text(encoding="utf-8")).split("raw_call(")[1:]
        if "is_delegate_call=True" in call
    ]
    assert [call.split(",")[0].strip() for call in calls] == ["self"]


def test_nobodys_code_but_its_own_is_run_in_its_place() -> None:
    sources = {path.stem: code_of(path.read_text(encoding="utf-8")) for path in SOURCES}
    calls = [
        (name, "".join(source[: source.index("is_delegate_call")].split("raw_call(")[-1].split()))
        for name, source in sources.items()
        if "is_delegate_call" in source
    ]
    # `fund_with_permit` goes on as the caller's own call of `fund`.
    ((name, arguments),) = calls
    assert name == "MilestoneEscrow"
    assert arguments.startswith(
        'self,abi_encode(agreement,indexes,signature,method_id=method_id("fund('
    )
    assert sum(source.count("is_delegate_call") for source in sources.values()) == 1
