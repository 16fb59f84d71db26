from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from milestone_escrow.chain import (
    Node,
    find_anvil,
    find_hardhat,
    hardhat,
    start_anvil,
    start_hardhat,
)
from milestone_escrow.exceptions import NodeError
from tests.library.test_chain import GENESIS, PATIENCE, answers, await_that, block_number
from tests.library.test_chain_programs import ROOT, program


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


ENDED_BY_ITS_ID = (
    CARELESS
    + """
import os, signal

os.kill(node.pid, signal.SIGTERM)
os.waitid(os.P_PID, node.pid, os.WEXITED | os.WNOWAIT)
"""
)


@pytest.mark.parametrize("program", [CARELESS, ENDED_BY_ITS_ID], ids=["runs on", "ended by its id"])
def test_python_does_not_warn_of_a_detached_node(program: str) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "always::ResourceWarning", "-c", program.format(detach=True)],
        cwd=ROOT,
        text=True,
        capture_output=True,
        check=True,
    )
    pid, rpc_url, log_file = done.stdout.split()
    if program is CARELESS:
        os.kill(int(pid), signal.SIGTERM)
        await_that(lambda: not answers(rpc_url))
    Path(log_file).unlink()
    assert done.stderr == ""


def test_a_detached_node_can_be_stopped_by_who_started_it() -> None:
    with start_anvil(0, detach=True) as node:
        pass
    assert answers(node.rpc_url)
    node.stop()
    assert not answers(node.rpc_url)
    assert not node.log_file.exists()
