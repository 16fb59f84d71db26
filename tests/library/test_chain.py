from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from milestone_escrow.chain import (
    DevChain,
    Node,
    anvil,
    find_anvil,
    find_hardhat,
    find_node,
    free_port,
    hardhat,
    start_anvil,
    start_hardhat,
)
from milestone_escrow.chain.process import search_roots
from milestone_escrow.exceptions import NodeError, UsageError

GENESIS = 1_893_456_000  # 2030-01-01
CHAIN_ID = 4_242
ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 20.0  # seconds in which what must happen happens, on a busy machine


def await_that(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def answers(rpc_url: str) -> bool:
    try:
        DevChain(rpc_url).chain_id()
    except NodeError:
        return False
    return True


def program(path: Path, text: str = "#!/bin/sh\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)
    return path


# --- Both nodes do the same


@pytest.fixture(scope="module", params=["anvil", "hardhat"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def node(kind: str) -> Iterator[Node]:
    start = start_anvil if kind == "anvil" else start_hardhat
    with start(0, chain_id=CHAIN_ID, timestamp=GENESIS) as running:
        yield running


@pytest.fixture
def chain(node: Node) -> Iterator[DevChain]:
    """The node, as it was before the test when the test has ended."""
    chain = node.chain
    before = chain.snapshot()
    yield chain
    chain.revert(before)


def block_number(chain: DevChain) -> int:
    return int(chain.request("eth_blockNumber"), 16)


def send_coins(chain: DevChain) -> int:
    """Send one wei, and return the timestamp of its block."""
    giver, taker = chain.accounts()[:2]
    tx_hash = chain.request("eth_sendTransaction", {"from": giver, "to": taker, "value": "0x1"})
    # Anvil may answer before the block is there.
    await_that(lambda: chain.request("eth_getTransactionReceipt", tx_hash) is not None)
    receipt = chain.request("eth_getTransactionReceipt", tx_hash)
    return int(chain.request("eth_getBlockByHash", receipt["blockHash"], False)["timestamp"], 16)


def test_the_node_is_what_was_asked_for(node: Node, kind: str) -> None:
    chain = DevChain(node.rpc_url)
    assert chain.kind() == kind
    assert chain.chain_id() == CHAIN_ID
    assert chain.time() == GENESIS
    assert block_number(chain) == 0
    assert node.running()


def test_accounts_are_checksummed_and_rich(chain: DevChain) -> None:
    assert chain.accounts()[0] == "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
    assert len(set(chain.accounts())) >= 10


def test_set_time_mines_one_block_at_exactly_that_second(chain: DevChain) -> None:
    before = block_number(chain)
    chain.set_time(GENESIS + 1_000)
    assert chain.time() == GENESIS + 1_000
    assert block_number(chain) == before + 1


def test_time_goes_on_from_where_it_was_set(chain: DevChain) -> None:
    chain.set_time(GENESIS + 1_000_000)
    assert GENESIS + 1_000_000 <= send_coins(chain) < GENESIS + 1_000_000 + 600


def test_set_next_time_is_for_the_block_of_the_next_transaction(chain: DevChain) -> None:
    before = block_number(chain)
    chain.set_next_time(GENESIS + 5_000)
    assert block_number(chain) == before
    assert send_coins(chain) == GENESIS + 5_000


def test_time_one_second_on_is_the_least(chain: DevChain) -> None:
    chain.set_time(GENESIS + 100)
    for refused in (GENESIS + 99, GENESIS + 100):
        with pytest.raises(UsageError, match=f"{refused}.*{GENESIS + 100}") as error:
            chain.set_time(refused)
        assert error.value.code == "time-not-later"
    chain.set_time(GENESIS + 101)
    assert chain.time() == GENESIS + 101


def test_advance_counts_from_the_latest_block(chain: DevChain) -> None:
    chain.set_time(GENESIS + 7)
    assert chain.advance(86_400) == GENESIS + 7 + 86_400
    assert chain.time() == GENESIS + 7 + 86_400
    for refused in (0, -1):
        with pytest.raises(UsageError):
            chain.advance(refused)


def test_blocks_are_mined(chain: DevChain) -> None:
    before = block_number(chain)
    chain.mine()
    assert block_number(chain) == before + 1
    chain.mine(12)
    assert block_number(chain) == before + 13
    with pytest.raises(UsageError):
        chain.mine(0)


def test_a_balance_is_set_to_the_wei(chain: DevChain) -> None:
    someone = "0x" + "12" * 20
    for wei in (10**30 + 1, 0):
        chain.set_balance(someone, wei)
        assert int(chain.request("eth_getBalance", someone, "latest"), 16) == wei


def test_a_snapshot_brings_time_blocks_and_balances_back_once(chain: DevChain) -> None:
    taker = chain.accounts()[1]
    balance = chain.request("eth_getBalance", taker, "latest")
    height, now = block_number(chain), chain.time()
    snapshot = chain.snapshot()
    chain.advance(10**6)
    send_coins(chain)

    chain.revert(snapshot)
    assert (block_number(chain), chain.time()) == (height, now)
    assert chain.request("eth_getBalance", taker, "latest") == balance
    assert send_coins(chain) < now + 10**6
    with pytest.raises(UsageError) as used:
        chain.revert(snapshot)
    assert used.value.code == "unknown-snapshot"


def test_what_the_node_refuses_is_one_sentence(chain: DevChain) -> None:
    with pytest.raises(NodeError, match=r"refused eth_noSuchMethod: .*[^.]\.$") as refused:
        chain.request("eth_noSuchMethod")
        pytest.fail("it was accepted")
    assert refused.value.code == "node-refused"


# --- No node, or another one


@pytest.fixture
def scripted() -> Iterator[Callable[[bytes], str]]:
    """A server that gives one answer to everything; call it with the answer for its URL."""
    servers: list[ThreadingHTTPServer] = []

    def serve(answer: bytes) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(200)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, format: str, *args: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def test_nobody_there_is_told_without_the_secrets_of_the_url() -> None:
    port = free_port(0)
    with pytest.raises(NodeError, match=f"No node answers at http://127.0.0.1:{port}") as silent:
        DevChain(f"http://user:secret@127.0.0.1:{port}/secret?key=secret").time()
    assert silent.value.code == "node-not-answering"
    assert "secret" not in f"{silent.value} {DevChain('http://user:secret@127.0.0.1/secret')!r}"


def test_a_proxy_does_not_stand_between(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert answers(node.rpc_url)


@pytest.mark.parametrize("answer", [b"<html>", b"[]", b"{}", b"\xff", b'"result"'])
def test_what_is_no_node_is_told(scripted: Callable[[bytes], str], answer: bytes) -> None:
    with pytest.raises(NodeError, match="not an Ethereum node") as other:
        DevChain(scripted(answer)).chain_id()
    assert other.value.code == "node-not-answering"


def test_a_real_node_is_no_development_node(scripted: Callable[[bytes], str]) -> None:
    url = scripted(b'{"jsonrpc": "2.0", "id": 1, "result": "Geth/v1.16.0"}')
    with pytest.raises(NodeError, match=r"Geth/v1\.16\.0") as real:
        DevChain(url).kind()
    assert real.value.code == "not-a-dev-node"


# --- Where the programs are


def test_anvil_of_the_variable_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = program(tmp_path / "mine")
    monkeypatch.setenv("ANVIL", str(mine))
    assert find_anvil() == mine
    mine.chmod(0o644)
    with pytest.raises(NodeError, match="variable ANVIL names"):
        find_anvil()


def test_anvil_of_npm_comes_before_the_one_on_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = find_anvil().parents[1].name  # of this machine's kind
    on_path = program(tmp_path / "bin" / "anvil")
    monkeypatch.delenv("ANVIL", raising=False)
    monkeypatch.setenv("PATH", str(on_path.parent))
    monkeypatch.setattr(anvil, "search_roots", lambda: [tmp_path])
    assert find_anvil() == on_path

    foreign = tmp_path / "node_modules" / "@foundry-rs" / "anvil-plan9-mips" / "bin" / "anvil"
    program(foreign)
    assert find_anvil() == on_path
    native = tmp_path / "node_modules" / "@foundry-rs" / package / "bin" / "anvil"
    program(native)
    assert find_anvil() == native


def test_node_modules_are_looked_for_upwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    roots = search_roots()
    assert roots[0] == ROOT
    assert roots.index(below) < roots.index(below.parent) < roots.index(tmp_path)


@pytest.mark.parametrize(
    ("find", "module"), [(find_anvil, anvil), (find_hardhat, hardhat)], ids=["anvil", "hardhat"]
)
def test_what_is_not_installed_is_told(
    find: Callable[[], Path],
    module: object,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("ANVIL", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(module, "search_roots", lambda: [tmp_path])
    with pytest.raises(NodeError, match="not installed") as missing:
        find()
    assert missing.value.code == "node-not-installed"
    assert "make setup" in missing.value.remedy


def test_node_is_a_native_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NODE", raising=False)
    monkeypatch.setenv("PATH", str(program(tmp_path / "node").parent))
    with find_node().open("rb") as found:
        assert found.read(2) != b"#!"
    monkeypatch.setenv("NODE", str(tmp_path / "node"))
    assert find_node() == tmp_path / "node"
    monkeypatch.setenv("NODE", str(tmp_path / "nowhere"))
    with pytest.raises(NodeError, match="variable NODE names"):
        find_node()


def test_a_free_port_is_the_preferred_one_if_that_is_free() -> None:
    with start_anvil(0) as node:
        taken = node.port
        assert free_port(taken) != taken
    assert free_port(taken) == taken


def test_a_port_whose_last_connection_is_closing_down_is_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)) as caller:
            server.accept()[0].close()  # who closes first is left waiting
            assert caller.recv(1) == b""
    assert free_port(port) == port


# --- Starting and ending


def test_a_port_in_use_is_refused_even_if_another_node_answers_there() -> None:
    with start_anvil(0) as first:
        for start in (start_anvil, start_hardhat):
            with pytest.raises(NodeError, match=r"did not start: .*in use") as refused:
                start(first.port)
            assert refused.value.code == "port-in-use"
        assert first.running()


def test_without_a_port_the_next_node_finds_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    with start_anvil(0) as first:
        # As if another program had taken the port between the question and its use.
        monkeypatch.setattr("milestone_escrow.chain.process.free_port", lambda: first.port)
        with start_anvil() as second:
            assert second.port != first.port
            assert answers(second.rpc_url)


def test_a_node_that_ends_at_once_says_why() -> None:
    with pytest.raises(NodeError, match="unexpected argument '--no-such-option'") as refused:
        start_anvil(0, options=["--no-such-option"])
    assert refused.value.code == "node-did-not-start"


def test_a_node_of_another_chain_is_refused_and_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "node.log"
    stubborn = f'#!/bin/sh\nexec "{find_anvil()}" --port 0 --chain-id 5\n'
    monkeypatch.setenv("ANVIL", str(program(tmp_path / "stubborn", stubborn)))
    with pytest.raises(NodeError, match="it serves chain 5 instead of 31337"):
        start_anvil(0, log_file=log)
    port = log.read_text(encoding="utf-8").partition("Listening on 127.0.0.1:")[2].strip()
    assert not answers(f"http://127.0.0.1:{int(port.split()[0])}")


def test_stop_ends_the_node_and_removes_its_log() -> None:
    node = start_anvil(0)
    assert node.log_file.exists()
    node.stop()
    assert not node.running()
    assert not answers(node.rpc_url)
    assert not node.log_file.exists()
    node.stop()


def test_an_error_inside_ends_the_node_and_a_given_log_stays(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "anvil.log"
    with pytest.raises(ZeroDivisionError), start_anvil(0, log_file=log) as node:
        raise ZeroDivisionError
    assert not node.running()
    assert "Listening on" in log.read_text(encoding="utf-8")


def test_a_node_behind_a_wrapper_ends_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wrapper = f'#!/bin/sh\n"{find_anvil()}" "$@"\n'
    monkeypatch.setenv("ANVIL", str(program(tmp_path / "wrapper", wrapper)))
    with start_anvil(0) as node:
        assert answers(node.rpc_url)
    await_that(lambda: not answers(node.rpc_url))


def test_hardhat_leaves_nothing_in_node_modules(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Path] = []
    write = hardhat._write_project

    def write_and_tell(*arguments: Any) -> Path:
        made.append(write(*arguments))
        return made[-1]

    monkeypatch.setattr(hardhat, "_write_project", write_and_tell)
    with start_hardhat(0) as node:
        assert made[0].parent == find_hardhat().parents[3]
        assert made[0].is_dir()
        with pytest.raises(NodeError):
            start_hardhat(node.port)
    assert len(made) == 2
    assert not any(home.exists() for home in made)


def test_a_state_file_carries_the_chain_over(tmp_path: Path) -> None:
    state = tmp_path / "chain.json"
    someone = "0x" + "34" * 20
    with start_anvil(0, state_file=state, timestamp=GENESIS) as node:
        node.chain.set_balance(someone, 77)
        node.chain.set_time(GENESIS + 500)
    with start_anvil(0, state_file=state) as node:
        assert node.chain.time() == GENESIS + 500
        assert int(node.chain.request("eth_getBalance", someone, "latest"), 16) == 77


def test_with_a_block_time_blocks_come_by_themselves() -> None:
    with start_anvil(0, block_time=1) as node:
        await_that(lambda: block_number(node.chain) >= 1)


def test_a_node_outlives_the_thread_that_started_it() -> None:
    nodes: list[Node] = []
    starter = threading.Thread(target=lambda: nodes.append(start_anvil(0)))
    starter.start()
    starter.join()
    with nodes[0] as node, pytest.raises(subprocess.TimeoutExpired):
        node._process.wait(0.3)  # a tie to the thread would end it now


PARENT = """
import time
from milestone_escrow.chain import start_anvil

node = start_anvil(0, detach={detach})
print(node.pid, node.rpc_url, node.log_file, flush=True)
with node:
    time.sleep(600)
"""
CARELESS = PARENT.partition("with node:")[0]


def parent(program: str, *, detach: bool = False) -> tuple[subprocess.Popen[str], list[str]]:
    """Start a program that starts a node, and return it with what it says of the node."""
    process = subprocess.Popen(
        [sys.executable, "-c", program.format(detach=detach)],
        cwd=ROOT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdout is not None
    with process.stdout as said:
        return process, said.readline().split()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_a_killed_parent_takes_its_node_along() -> None:
    process, (_, rpc_url, log_file) = parent(PARENT)
    assert answers(rpc_url)
    process.kill()
    process.wait()
    await_that(lambda: not answers(rpc_url))
    Path(log_file).unlink()  # nobody was left to do it


@pytest.mark.parametrize("way", [signal.SIGINT, signal.SIGTERM], ids=lambda way: way.name)
def test_an_interrupted_parent_takes_its_node_along(way: signal.Signals) -> None:
    process, (_, rpc_url, log_file) = parent(PARENT)
    process.send_signal(way)
    process.wait(PATIENCE)
    await_that(lambda: not answers(rpc_url))
    if way is signal.SIGINT:
        assert not Path(log_file).exists()
    else:
        Path(log_file).unlink()  # Python's own answer to SIGTERM runs nothing more


def test_a_program_that_forgets_its_node_takes_it_along() -> None:
    process, (_, rpc_url, log_file) = parent(CARELESS)
    assert process.wait(PATIENCE) == 0
    await_that(lambda: not answers(rpc_url))
    assert not Path(log_file).exists()


def test_a_detached_node_stays_until_it_is_ended() -> None:
    process, (pid, rpc_url, log_file) = parent(CARELESS, detach=True)
    try:
        assert process.wait(PATIENCE) == 0
        assert answers(rpc_url)
        assert Path(log_file).exists()
    finally:
        os.kill(int(pid), signal.SIGTERM)
        await_that(lambda: not answers(rpc_url))
        Path(log_file).unlink()


def test_a_detached_node_can_be_stopped_by_who_started_it() -> None:
    with start_anvil(0, detach=True) as node:
        pass
    assert answers(node.rpc_url)
    node.stop()
    assert not answers(node.rpc_url)
    assert not node.log_file.exists()
