"""A part of the proofs, and that they fail on a broken contract. All of them: `make proofs`."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.compiled import ESCROW, ROOT, compiled, compiler_data, escrow_code
from tests.proofs.properties import HERE, chosen, declared
from tests.proofs.prove import MissingToolError, Tools, prove

SHORT = (
    "Openings.fees",
    "Openings.parties",
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


ACCEPTS_EMPLOYER = (
    """    if msg.sender != agreement.freelancer:
        errors.fail(errors.NOT_FREELANCER)
    deal.word = self._bind(""",
    """    if msg.sender != agreement.employer:
        errors.fail(errors.NOT_FREELANCER)
    deal.word = self._bind(""",
)
CLAIMS_A_SECOND_EARLY = (
    "if block.timestamp < held.since + agreement.review_period:",
    "if block.timestamp + 1 < held.since + agreement.review_period:",
)
NEVER_KEEPS_ALIVE = (
    "errors.fail(errors.NOTHING_TO_KEEP_ALIVE)\n    self._check_not_lapsed(deal)",
    "errors.fail(errors.NOTHING_TO_KEEP_ALIVE)\n    errors.fail(errors.LAPSED)",
)


@tools
def test_broken_contract_has_counterexamples_and_what_never_happens_is_vacuous(
    tmp_path: Path,
) -> None:
    copy = tmp_path / "contracts"
    shutil.copytree(ROOT / "contracts", copy)
    source = copy / ESCROW
    text = source.read_text("utf-8")
    for old, new in (ACCEPTS_EMPLOYER, CLAIMS_A_SECOND_EARLY, NEVER_KEEPS_ALIVE):
        assert text.count(old) == 1
        text = text.replace(old, new)
    source.write_text(text, "utf-8")

    report = prove(
        ["Guards.accept", "Guards.claim", "Guards.cancel", "Steps.keep_alive_keeps"],
        compiler_data(ESCROW, folder=copy).bytecode,
    )

    proofs = {proof.prop.name: proof for proof in report.proofs}
    assert {name: proof.result for name, proof in proofs.items()} == {
        "Guards.accept": "failed",
        "Guards.claim": "failed",
        "Guards.cancel": "proved",
        "Steps.keep_alive_keeps": "vacuous",
    }
    assert "caller" in proofs["Guards.accept"].detail
    assert "time" in proofs["Guards.claim"].detail
    assert not report.all_proved
