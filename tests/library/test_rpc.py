from __future__ import annotations

import gzip
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest

from milestone_escrow.exceptions import NodeError
from milestone_escrow.indexer import Indexer
from milestone_escrow.indexer import rpc as rpc_module
from milestone_escrow.indexer.rpc import Rpc, TooMuch
from tests.library.indexing import index
from tests.library.plausible_escrow import ESCROW
from tests.library.scripted_node import Answer, ScriptedNode


@pytest.fixture
def node() -> Iterator[ScriptedNode]:
    with ScriptedNode() as node:
        yield node


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rpc_module, "_FIRST_PAUSE", 0.001)


def test_a_node_that_stays_busy_is_told(node: ScriptedNode, tmp_path: Path) -> None:
    node.faults.extend([(503, None)] * 5)
    with pytest.raises(NodeError, match=r"is busy \(HTTP 503\)") as caught:
        index(node, tmp_path / "index.db")
    assert caught.value.code == "node-not-answering"
    assert node.requests == 5


def test_no_node_is_told_without_its_secret(tmp_path: Path) -> None:
    with ScriptedNode() as node:
        url = node.url
    with pytest.raises(NodeError, match="No node answers") as caught:
        Indexer(f"{url}/v3/secret", tmp_path / "index.db", ESCROW).run_once()
    assert "secret" not in str(caught.value)
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("answer", "code"),
    [(b"<html>", "node-limit"), (b"{}", "node-not-answering"), (b"[1]", "node-not-answering")],
)
def test_what_is_no_node_is_told(node: ScriptedNode, answer: bytes, code: str) -> None:
    node.faults.append((200, answer))
    with pytest.raises(NodeError) as caught:
        Rpc(node.url).call("eth_chainId")
    assert caught.value.code == code


def test_a_hung_node_is_told_in_time(node: ScriptedNode) -> None:
    hung = Event()

    def hang(_: int) -> None:
        hung.wait(10)

    node.before_request = hang
    try:
        with pytest.raises(TooMuch, match="did not finish"):
            Rpc(node.url, timeout=0.05).call("eth_chainId")
    finally:
        hung.set()


@pytest.mark.parametrize("packed", [False, True])
def test_an_answer_without_end_is_not_read(node: ScriptedNode, packed: bool) -> None:
    endless, longest = bytes(1 << 26), 1 << 20
    node.faults.append(
        Answer(body=gzip.compress(endless), headers={"Content-Encoding": "gzip"})
        if packed
        else Answer(body=endless)
    )
    rpc = Rpc(node.url)
    tracemalloc.start()
    try:
        with pytest.raises(TooMuch, match="longer than 1,048,576 bytes"):
            rpc.batch([("eth_chainId", [])], longest)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 8 * longest
    assert rpc.batch([("eth_chainId", [])], longest) == [hex(node.chain_id)]


def test_a_url_that_is_none_is_told() -> None:
    for url in ("ws://127.0.0.1:8545", "127.0.0.1:8545", "http://"):
        with pytest.raises(NodeError, match="how a node is reached"):
            Rpc(url)
