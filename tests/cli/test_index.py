from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from milestone_escrow import calls, devnet
from milestone_escrow.chain import free_port
from milestone_escrow.exceptions import NodeError
from milestone_escrow.indexer import Indexer, IndexReport, Reader
from milestone_escrow.workspace import Workspace
from tests.cli.conftest import ETHER, PATIENCE, Cli, Deals, Scene, await_that
from tests.cli.terminal import on_terminal
from tests.library.indexing import fork, history
from tests.library.indexing import index as indexed
from tests.library.long_chain import LongChain
from tests.library.plausible_escrow import ESCROW
from tests.library.scripted_node import ScriptedNode


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

    def follow(self: Indexer, stop: Event, **told: Any) -> None:
        report, trouble = told["report"], told["trouble"]
        report(IndexReport(events=0, blocks=1, seconds=0.01, head=7, reorgs=0, unknown=0))
        trouble(away)
        trouble(away)
        report(IndexReport(events=0, blocks=0, seconds=0.01, head=7, reorgs=0, unknown=0))
        report(IndexReport(events=3, blocks=1_200, seconds=0.24, head=1_207, reorgs=1, unknown=2))

    monkeypatch.setattr(Indexer, "follow", follow)
    ran = Cli(scene.workspace.folder)("index", "--follow")
    assert ran.code == 0
    assert ran.lines == [
        "Block 7: 0 new events in 1 block, 0.0 s.",
        "Block 1,207: 3 new events in 1,200 blocks, 0.2 s. "
        "The chain was reorganised 1 time. 2 logs of no known event.",
    ]
    assert ran.err.splitlines() == [
        "Following the chain; Ctrl-C stops.",
        "No node answers at X. Waiting for it.",
        "The node answers again.",
    ]


def get(url: str) -> tuple[int, Any]:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())
    except OSError:
        return 0, None


def test_it_tells_what_it_took(scene: Scene, tmp_path: Path) -> None:
    cli = Cli(scene.workspace.folder)
    fund(scene)
    report = cli("index", "--store", str(tmp_path / "new.sqlite"), "--once", "--json").json
    assert report["events_per_second"] == pytest.approx(
        report["events"] / report["seconds"], rel=0.1
    )
    assert report["peak_memory"] > 10_000_000
    assert 1 <= report["requests"] < 10


def test_it_stops_at_a_block(scene: Scene, tmp_path: Path) -> None:
    cli = Cli(scene.workspace.folder)
    fund(scene)
    fund(scene)
    head = scene.w3.eth.block_number
    store = str(tmp_path / "new.sqlite")
    assert cli("index", "--store", store, "--at", str(head - 1), "--json").json["head"] == head - 1
    assert cli("index", "--store", store, "--json").json["head"] == head
    assert "no end" in cli.refuses(2, "index", "--at", "5", "--follow")
    assert "--follow" in cli.refuses(2, "index", "--listen", "127.0.0.1:0")


def test_the_notes_are_indexed_where_they_are_known(scene: Scene, tmp_path: Path) -> None:
    store = tmp_path / "new.sqlite"
    cli = Cli(scene.workspace.folder)
    cli("index", "--store", str(store))
    with Reader(store) as reader:
        assert reader.identity.notes == scene.devnet.notes
    # And whoever does not name them goes on with them.
    with Indexer(scene.devnet.rpc_url, store, scene.devnet.escrow, scene.devnet.from_block) as one:
        assert one.run_once().events == 0


def test_watched_and_logged_until_sigterm(scene: Scene, tmp_path: Path) -> None:
    """All by name and over the WebSocket, as a service would run it."""
    cli = Cli(scene.workspace.folder)
    port = free_port(0)
    url = f"http://127.0.0.1:{port}"
    process = cli.process(
        *("index", "--follow", "--json", "--log-format", "json", "--interval", "3600"),
        *("--rpc", scene.devnet.rpc_url.replace("http", "ws")),
        *("--address", scene.devnet.escrow, "--from-block", str(scene.devnet.from_block)),
        *("--store", str(tmp_path / "new.sqlite"), "--listen", f"127.0.0.1:{port}"),
    )
    try:
        await_that(lambda: get(f"{url}/readyz")[0] == 200)
        await_that(lambda: get(f"{url}/readyz")[1]["websocket"] is True)
        fund(scene)
        head = scene.w3.eth.block_number
        await_that(lambda: get(f"{url}/readyz")[1]["block"] == head)
        assert get(f"{url}/healthz")[0] == 200
        process.send_signal(signal.SIGTERM)
        ran = cli.finish(process)
    finally:
        process.kill()
        process.wait(PATIENCE)
    assert ran.code == 0
    assert json.loads(ran.lines[-1])["head"] == head
    log = [json.loads(line) for line in ran.err.splitlines()]
    events = [line["event"] for line in log]
    assert events[:2] == ["started", "listening"]
    assert {"indexed", "websocket"} < set(events)
    assert (events[-1], log[-1]["by"]) == ("stopped", "SIGTERM")
    assert {line["level"] for line in log} == {"info"}
    assert log[0]["time"].endswith("Z")


@dataclass
class HeldChain(LongChain):
    """Gives logs five times, then not before it is let."""

    given: int = 0
    let: Event = field(default_factory=Event)

    def reply(self, body: bytes) -> tuple[int, bytes]:
        self.given += b"eth_getLogs" in body
        if self.given > 5:
            self.let.wait(PATIENCE)
        return super().reply(body)


@pytest.fixture
def long_history(tmp_path: Path) -> Iterator[tuple[HeldChain, list[str]]]:
    """A chain that takes a while, and what ``escrow`` is called with to index it."""
    store = tmp_path / "long.sqlite"
    with HeldChain(16_000) as node:
        with Indexer(node.url, store, ESCROW) as begun:
            begun.run_once(to_block=5)
        yield node, ["index", "--rpc", node.url, "--escrow", ESCROW, "--store", str(store)]


def test_a_person_sees_how_far_it_is(long_history: tuple[HeldChain, list[str]]) -> None:
    node, command = long_history
    node.let.set()
    code, shown = on_terminal([sys.executable, "-m", "milestone_escrow", *command], {}, "")
    assert code == 0
    frames = re.findall(
        r"Indexing .*?(\d+)%.*?block ([\d,]+), [\d,]+ events ([\d,]+) events/s", shown
    )
    assert [int(percent) for percent, _, _ in frames] == sorted(int(each[0]) for each in frames)
    assert frames[-1][:2] == ("100", "2,000")
    assert re.search(r"events/s \S*\d:\d\d:\d\d", shown)  # what remains


def test_terminated_before_it_is_done_it_says_so_and_goes_on_later(
    long_history: tuple[HeldChain, list[str]], cli: Cli
) -> None:
    node, command = long_history
    process = cli.process(*command, "--log-format", "json")
    try:
        await_that(lambda: node.given > 5)
        process.send_signal(signal.SIGTERM)
        ran = cli.finish(process)
    finally:
        process.kill()
        process.wait(PATIENCE)
    assert (ran.code, ran.out) == (143, "")
    assert json.loads(ran.err.splitlines()[-1])["by"] == "SIGTERM"
    node.let.set()
    report = cli(*command, "--json").json
    assert report["head"] == node.head
    assert 0 < report["events"] < 16_000
    with Reader(command[-1]) as reader:
        assert reader.count_events() == (16_000, 0)


def test_abuse_indexer_03_it_stays_red_when_a_final_block_is_replaced(tmp_path: Path) -> None:
    escrow = history(60)
    with ScriptedNode() as node:
        node.extend(escrow.records, escrow.block)
        node.final = node.head - 10
        store = tmp_path / "index.sqlite"
        indexed(node, store)
        cli, port = Cli(tmp_path / ".escrow"), free_port(0)
        url = f"http://127.0.0.1:{port}/readyz"
        process = cli.process(
            *("index", "--follow", "--rpc", node.url, "--escrow", ESCROW, "--store", str(store)),
            *("--interval", "0.01", "--listen", f"127.0.0.1:{port}", "--log-format", "text"),
        )
        try:
            await_that(lambda: get(url)[0] == 200)
            fork(node, escrow, node.head - 20, 40, seed=3)
            await_that(lambda: get(url)[0] == 503)
            status, told = get(url)
            assert (status, told["code"]) == (503, "final-block-replaced")
            assert "--reset" in told["remedy"]
            assert get(url.replace("readyz", "healthz"))[0] == 503
            process.send_signal(signal.SIGTERM)
            ran = cli.finish(process)
        finally:
            process.kill()
            process.wait(PATIENCE)
        assert ran.code == 3
        assert "ERROR   failed code=" in ran.err
        again = cli.refuses(
            3, "index", "--rpc", node.url, "--escrow", ESCROW, "--store", str(store)
        )
        assert "took that one as final" in again


def test_the_secret_of_a_node_is_never_shown(scene: Scene, no_node: str, tmp_path: Path) -> None:
    cli = Cli(tmp_path / ".escrow")
    told = cli.refuses(3, "index", "--rpc", f"{no_node}/v3/canary", "--escrow", scene.devnet.escrow)
    assert "canary" not in told
    assert "canary" not in cli.refuses(2, "index", "--rpc", "ftp://canary")
    assert "canary" not in cli.refuses(2, "index", "--ws", "http://canary")


def test_several_nodes(scene: Scene, no_node: str, tmp_path: Path) -> None:
    cli = Cli(tmp_path / ".escrow", {"ESCROW_RPC": f"{scene.devnet.rpc_url} {no_node}"})
    ran = cli("index", "--escrow", scene.devnet.escrow, "--json")
    assert (ran.code, ran.json["head"]) == (0, scene.w3.eth.block_number)


def test_workers_that_are_not_there_are_told(scene: Scene) -> None:
    told = Cli(scene.workspace.folder).refuses(
        3, "index", "--workers", "tcp://127.0.0.1:1", "--timeout", "0.2"
    )
    assert "No Dask scheduler answers" in told
