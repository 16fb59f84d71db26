from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

import pytest

from milestone_escrow import calls, devnet
from milestone_escrow.exceptions import NodeError
from milestone_escrow.indexer import Indexer, IndexReport, Reader
from milestone_escrow.workspace import Workspace
from tests.cli.conftest import ETHER, PATIENCE, Cli, Deals, Scene


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """A devnet on which deals go on."""
    workspace = Workspace(tmp_path_factory.mktemp("index") / ".escrow")
    try:
        yield Scene(workspace)
    finally:
        devnet.down(wipe=True, workspace=workspace)


def fund(scene: Scene) -> str:
    agreement = scene.agreement(ETHER)
    scene.do("employer", calls.fund(agreement, [0]))
    return scene.id_of(agreement)


def test_it_brings_the_index_up_to_date(scene: Scene) -> None:
    cli = Cli(scene.workspace.folder)
    fund(scene)
    ran = cli("index", "--json")
    assert (ran.code, ran.err) == (0, "")
    report = ran.json
    head = scene.w3.eth.block_number
    assert (report["events"], report["head"], report["reorgs"]) == (2, head, 0)
    # From the block of the deployment on: nothing of the escrow is earlier.
    assert report["blocks"] == head - scene.devnet.from_block + 1
    assert report["store"] == str(cli.workspace.index)
    again = cli("index")
    assert again.out.startswith(f"Block {head:,}: 0 new events in 0 blocks, ")
    fund(scene)
    assert cli("index").out.startswith(f"Block {head + 1:,}: 2 new events in 1 block, ")


def test_reset_makes_it_anew(scene: Scene, tmp_path: Path) -> None:
    cli = Cli(scene.workspace.folder)
    store = str(tmp_path / "other.sqlite")
    whole = cli("index", "--store", store, "--json").json
    other = cli.refuses(1, "index", "--store", store, "--from-block", "0")
    assert "from block 1 on" in other
    assert "escrow index --reset" in other
    again = cli("index", "--store", store, "--reset", "--from-block", "0", "--json").json
    assert again["events"] == whole["events"]
    assert again["blocks"] == whole["blocks"] + scene.devnet.from_block
    with Reader(store) as reader:
        assert reader.identity.from_block == 0
    # Where it began is kept.
    assert cli("index", "--store", store, "--json").json["blocks"] == 0
    assert cli("deals", "--store", store).code == 0


def test_reset_keeps_the_index_when_no_node_answers(
    on_devnet: Cli, deals: Deals, no_node: str
) -> None:
    on_devnet("index")
    before = on_devnet.workspace.index.read_bytes()
    on_devnet.refuses(3, "index", "--reset", "--rpc", no_node)
    on_devnet.refuses(3, "index", "--reset", "--chain-id", "5")
    assert on_devnet.workspace.index.read_bytes() == before


def next_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def test_it_follows_the_chain_until_ctrl_c(scene: Scene) -> None:
    cli = Cli(scene.workspace.folder)
    process = cli.process("index", "--follow", "--json")
    try:
        first = json.loads(next_line(process))
        assert first["head"] == scene.w3.eth.block_number
        deal = fund(scene)
        report = json.loads(next_line(process))
        assert (report["events"], report["head"]) == (2, first["head"] + 1)
        with Reader(cli.workspace.index) as reader:
            assert reader.deal(deal).remaining == ETHER
        process.send_signal(signal.SIGINT)
        ran = cli.finish(process)
    finally:
        process.kill()
        process.wait(PATIENCE)
    assert (ran.code, ran.out, ran.err.strip()) == (130, "", "")


def test_while_it_follows_it_tells_what_matters(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = NodeError("No node answers at X.", code="node-not-answering")

    def follow(
        self: Indexer,
        stop: Event,
        *,
        report: Callable[[IndexReport], None],
        trouble: Callable[[NodeError], None],
    ) -> None:
        report(IndexReport(events=0, blocks=1, seconds=0.01, head=7, reorgs=0, unknown=0))
        trouble(away)
        trouble(away)
        report(IndexReport(events=0, blocks=0, seconds=0.01, head=7, reorgs=0, unknown=0))
        report(IndexReport(events=3, blocks=1_200, seconds=0.24, head=1_207, reorgs=1, unknown=2))

    monkeypatch.setattr(Indexer, "follow", follow)
    ran = Cli(scene.workspace.folder)("index", "--follow")
    assert ran.code == 0
    assert ran.lines[1:] == [
        "Block 1,207: 3 new events in 1,200 blocks, 0.2 s. "
        "The chain was reorganised 1 time. 2 logs of no known event."
    ]
    assert ran.err.splitlines() == [
        "Following the chain; Ctrl-C stops.",
        "No node answers at X. Waiting for it.",
        "The node answers again.",
    ]
