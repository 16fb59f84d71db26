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
    "word", ["tx.origin", "selfdestruct", "is_delegate_call", "create_", "block.number", "prevhash"]
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
