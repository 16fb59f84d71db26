"""A part of the proofs, and that they fail on a broken contract. All of them: `make proofs`."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.compiled import ESCROW, ROOT, compiled, compiler_data, escrow_code
from tests.proofs.properties import HERE, chosen, declared
from tests.proofs.prove import MissingToolError, Proof, Tools, prove

SHORT = (
    "Guards.accept",
    "Guards.claim",
    "Guards.keep_alive",
    "Openings.amounts",
    "Openings.fees",
    "Openings.opener",
    "Openings.parties",
    "Openings.periods",
    "Openings.times",
)

try:
    Tools.find()
except MissingToolError as missing:
    tools = pytest.mark.skip(reason=str(missing))
else:
    tools = pytest.mark.skipif(False, reason="the tools are there")


@tools
def test_short_form_is_proved() -> None:
    report = prove(SHORT)
    assert {proof.prop.name: proof.result for proof in report.proofs} == dict.fromkeys(
        SHORT, "proved"
    )


def test_every_property_has_its_sentence() -> None:
    sources = "".join(path.read_text("utf-8") for path in (HERE / "properties").glob("*.sol"))
    assert len(declared()) == len(re.findall(r"function check_\w+", sources)) >= 40
    assert len({prop.name for prop in declared()}) == len(declared())
    assert all(prop.sentence.endswith(".") for prop in declared())


def test_properties_know_the_storage() -> None:
    source = (HERE / "properties" / "Deal.sol").read_text("utf-8")
    slots = dict(re.findall(r"constant (\w+)_SLOT = (\d+);", source))
    layout = {
        variable.removeprefix("ledger.").upper(): str(slot)
        for variable, slot in compiled(ESCROW).layout.items()
    }
    assert slots == layout


def test_properties_know_the_calls() -> None:
    source = (HERE / "properties" / "Escrow.sol").read_text("utf-8")
    calls = set(re.findall(r"function (\w+)\(", source.partition("interface Vm")[0]))
    abi = {entry["name"] for entry in escrow_code()[0] if entry["type"] == "function"}
    assert calls == abi - {"eip712Domain"}


def test_unknown_name_is_refused() -> None:
    with pytest.raises(ValueError, match="No property fits"):
        chosen(["Guards.nothing"])


def of_broken_contract(folder: Path, old: str, new: str, name: str) -> Proof:
    """Prove one property of a copy of the contracts in which one line is changed."""
    copy = folder / "contracts"
    shutil.copytree(ROOT / "contracts", copy)
    source = copy / ESCROW
    text = source.read_text("utf-8")
    assert text.count(old) == 1
    source.write_text(text.replace(old, new), "utf-8")
    (proof,) = prove([name], compiler_data(ESCROW, folder=copy).bytecode).proofs
    return proof


@tools
@pytest.mark.parametrize(
    ("old", "new", "name"),
    [
        # The employer may accept in the freelancer's place.
        (
            """    if msg.sender != agreement.freelancer:
        errors.fail(errors.NOT_FREELANCER)
    deal.word = self._bind(""",
            """    if msg.sender != agreement.employer:
        errors.fail(errors.NOT_FREELANCER)
    deal.word = self._bind(""",
            "Guards.accept",
        ),
        # A claim one second before the review period ends.
        (
            "if block.timestamp < held.since + agreement.review_period:",
            "if block.timestamp + 1 < held.since + agreement.review_period:",
            "Guards.claim",
        ),
    ],
)
def test_broken_contract_has_a_counterexample(
    tmp_path: Path, old: str, new: str, name: str
) -> None:
    proof = of_broken_contract(tmp_path, old, new, name)
    assert proof.result == "failed"
    assert "time" in proof.detail


@tools
def test_property_of_a_call_that_never_goes_through_is_vacuous(tmp_path: Path) -> None:
    proof = of_broken_contract(
        tmp_path,
        "deal.word = self._bind(deal.id, deal.word, agreement.freelancer, agreement.accept_by)",
        "errors.fail(errors.BAD_INDEX)",
        "Steps.accept_keeps",
    )
    assert proof.result == "vacuous"
