from __future__ import annotations

import json
from pathlib import Path
from shutil import copytree

import pytest
from web3 import HTTPProvider, Web3

from milestone_escrow import artifacts
from milestone_escrow.chain import start_anvil
from milestone_escrow.exceptions import UsageError
from scripts._build import artifacts as build_artifacts
from scripts._build.artifacts import CONTRACTS, ROOT, BuildError, build, error_names, main

EIP_170 = 24_576  # bytes of run-time code that a chain takes

LINE = "NOT_EMPLOYER: constant(uint256) = 97191138  # NotEmployer()"


@pytest.fixture(scope="module")
def built_elsewhere(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The artifacts by name, built from a copy of the sources in another folder."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    copytree(ROOT / "contracts", elsewhere / "contracts")
    return {contract.name: build(contract, elsewhere) for contract in CONTRACTS}


@pytest.fixture
def published() -> artifacts.Artifact:
    return artifacts.load("MilestoneEscrow")


def test_the_published_artifacts_are_what_the_sources_give_wherever_they_lie(
    built_elsewhere: dict[str, str],
) -> None:
    assert artifacts.names() == tuple(sorted(built_elsewhere))
    for name, text in built_elsewhere.items():
        path = ROOT / "milestone_escrow" / "artifacts" / f"{name}.json"
        assert path.read_text(encoding="utf-8") == text, f"{name} is stale: run make artifacts"


def test_an_artifact_names_no_path_of_the_machine(built_elsewhere: dict[str, str]) -> None:
    for text in built_elsewhere.values():
        assert str(ROOT) not in text
        sources = json.loads(text)["sources"]
        assert all(not Path(path).is_absolute() for path in sources)
        assert all((ROOT / path).is_file() for path in sources)
    assert (
        "contracts/modules/errors.vy" in json.loads(built_elsewhere["MilestoneEscrow"])["sources"]
    )


def test_check_fails_on_a_stale_file_and_leaves_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(build_artifacts, "ROOT", tmp_path)
    monkeypatch.setattr(build_artifacts, "ARTIFACTS", tmp_path)
    monkeypatch.setattr(build_artifacts, "CONTRACTS", CONTRACTS[:1])
    monkeypatch.setattr(build_artifacts, "build", lambda contract: "new")
    path = tmp_path / "MilestoneEscrow.json"

    assert main(["--check"]) == 1, "a missing file passed"
    assert not path.exists()
    path.write_text("stale", encoding="utf-8")
    assert main(["--check"]) == 1
    assert path.read_text(encoding="utf-8") == "stale"
    said = capsys.readouterr().err.splitlines()
    assert said == ["MilestoneEscrow.json is not what the contracts give: run make artifacts."] * 2

    assert main([]) == 0
    assert path.read_text(encoding="utf-8") == "new"
    assert main(["--check"]) == 0


def test_a_wrong_table_of_errors_stops_the_build_with_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(contract: object) -> str:
        raise BuildError("The error NotEmployer is there twice.")

    monkeypatch.setattr(build_artifacts, "build", refuse)
    assert main([]) == 1
    assert capsys.readouterr().err == "The error NotEmployer is there twice.\n"


def test_the_table_of_errors_is_read() -> None:
    assert error_names(f"# Who calls\n{LINE}\n\n@internal\ndef fail(error: uint256):\n") == (
        "NotEmployer",
    )


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        (LINE.replace("97191138", "97191139"), "The selector of NotEmployer is 97191138, not"),
        (LINE.replace("NOT_EMPLOYER", "EMPLOYER"), "called EMPLOYER instead of NOT_EMPLOYER"),
        (LINE.replace("  # NotEmployer()", ""), "This line of the errors is not"),
        (LINE.replace("uint256", "bytes4"), "This line of the errors is not"),
        (f"{LINE}\n{LINE}", "NotEmployer is there twice"),
    ],
)
def test_a_wrong_line_of_the_table_is_refused(table: str, sentence: str) -> None:
    with pytest.raises(BuildError, match=sentence):
        error_names(table)


def test_the_artifact_is_loaded_once(published: artifacts.Artifact) -> None:
    assert artifacts.load("MilestoneEscrow") is published


def test_an_unknown_contract_is_refused_and_the_known_are_named() -> None:
    with pytest.raises(UsageError) as refused:
        artifacts.load("../MilestoneEscrow")
    assert refused.value.code == "unknown-contract"
    assert "MilestoneEscrow" in refused.value.remedy


def test_the_abi_has_the_calls_the_events_and_the_errors(published: artifacts.Artifact) -> None:
    def named(kind: str) -> set[str]:
        return {entry["name"] for entry in published.abi if entry["type"] == kind}

    assert {"fund", "release", "deal_id", "eip712Domain"} <= named("function")
    assert {"Opened", "Funded", "Released"} <= named("event")
    assert {"NotEmployer", "BadSignature"} <= named("error")
    assert published.errors() == tuple(
        entry["name"] for entry in published.abi if entry["type"] == "error"
    )
    assert (published.compiler, published.evm_version) == ("vyper 0.4.3", "cancun")


@pytest.fixture(scope="module")
def code() -> bytes:
    """What a chain holds after the deployment."""
    with start_anvil(0) as node:
        w3 = Web3(HTTPProvider(node.rpc_url))
        published = artifacts.load("MilestoneEscrow")
        contract = w3.eth.contract(abi=published.abi, bytecode=published.bytecode)
        tx_hash = contract.constructor().transact({"from": node.chain.accounts()[0]})
        address = w3.eth.wait_for_transaction_receipt(tx_hash)["contractAddress"]
        assert address is not None
        return bytes(w3.eth.get_code(address))


def test_the_deployed_code_is_recognised_and_no_other(
    published: artifacts.Artifact, code: bytes
) -> None:
    assert published.matches(code)
    assert not published.matches(b"")
    assert not published.matches(code + b"\0")
    assert not published.matches(code[:-1])
    assert not published.matches(bytes([code[0] ^ 1]) + code[1:])


def test_the_deployed_code_fits_on_a_chain(published: artifacts.Artifact, code: bytes) -> None:
    assert len(code) == published.deployed_size < EIP_170
