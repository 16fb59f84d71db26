from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from milestone_escrow.chain import (
    anvil,
    find_anvil,
    find_hardhat,
    find_node,
    free_port,
    hardhat,
    start_anvil,
)
from milestone_escrow.chain.process import search_roots
from milestone_escrow.exceptions import NodeError

ROOT = Path(__file__).resolve().parents[2]


def program(path: Path, text: str = "#!/bin/sh\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)
    return path


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
