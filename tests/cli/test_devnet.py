from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from milestone_escrow import calls, devnet
from milestone_escrow.agreement import DAY
from milestone_escrow.chain import DevChain, detached, free_port
from milestone_escrow.client import EscrowClient, connect
from milestone_escrow.deployments import Registry, notes_of
from milestone_escrow.devnet import ROLES, Devnet
from milestone_escrow.exceptions import DeploymentError, EscrowError, NodeError
from milestone_escrow.tokens import allowance_of, balance_of, read_token
from milestone_escrow.workspace import Workspace
from tests.cli.conftest import PATIENCE, Scene, await_that

# The first bytes of the keys of Anvil's first two accounts, which everybody knows.
_KEYS = ("ac0974bec39a17e36ba4a6b4d238ff94", "59c6995e998f97a5a0044966f0945389")


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Workspace]:
    workspace = Workspace(tmp_path / ".escrow")
    yield workspace
    with contextlib.suppress(DeploymentError):  # of the tests that make the note unreadable
        devnet.down(wipe=True, workspace=workspace)


def answers(rpc_url: str) -> bool:
    try:
        DevChain(rpc_url).chain_id()
    except NodeError:
        return False
    return True


def is_whole(path: Path) -> bool:
    """Return whether Anvil has finished writing its chain."""
    try:
        json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return True


def quiet_port() -> int:
    """Return a free port that the system gives nobody by itself, so that it stays free."""
    for port in random.sample(range(20_000, 30_000), 100):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no free port")


def files(place: Workspace) -> set[str]:
    return {path.name for path in place.folder.iterdir()} - {".gitignore", "devnet.lock"}


def test_it_has_an_escrow_tokens_and_accounts(place: Workspace) -> None:
    up = devnet.up(workspace=place)
    w3 = connect(up.rpc_url, chain_id=up.chain_id)
    client = EscrowClient(w3, up.escrow)
    assert {token.symbol: token.decimals for token in up.tokens.values()} == {
        "TEST6": 6,
        "TEST18": 18,
    }
    for token in up.tokens.values():
        assert read_token(w3, token.address) == token
        assert balance_of(w3, token.address, up.roles["employer"]) == 10 ** (6 + token.decimals)
        assert allowance_of(w3, token.address, up.roles["employer"], client.address) == 2**256 - 1
    assert tuple(up.roles) == ROLES
    assert len({*up.roles.values(), DevChain(up.rpc_url).accounts()[0]}) == len(ROLES) + 1
    assert set(up.roles.values()) < set(DevChain(up.rpc_url).accounts())
    latest = Registry(place.deployments).latest(w3, "MilestoneEscrow")
    assert latest is not None
    assert (latest.address, latest.block_number) == (up.escrow, up.from_block)
    assert notes_of(connect(up.rpc_url), up.escrow, Registry(place.deployments)) == up.notes


def test_up_and_down_do_nothing_twice(place: Workspace) -> None:
    assert devnet.status(workspace=place) is None
    assert devnet.down(workspace=place) is None
    assert not place.folder.exists()
    up = devnet.up(workspace=place)
    assert devnet.up(workspace=place) == up
    assert devnet.status(workspace=place) == up
    assert devnet.down(workspace=place) == up
    assert not answers(up.rpc_url)
    assert up.pid is not None
    gone = devnet.status(workspace=place)
    assert gone is not None
    assert gone.pid is None
    assert devnet.down(workspace=place) == gone


def test_it_goes_on_where_it_was(place: Workspace) -> None:
    scene = Scene(place)
    agreement = scene.agreement(10**18)
    scene.do("employer", calls.fund(agreement, [0]))
    scene.chain.advance(100 * DAY)
    last = scene.w3.eth.get_block("latest")
    devnet.down(workspace=place)

    resumed = Scene(place)
    before, now = scene.devnet, resumed.devnet
    assert now.pid != before.pid
    assert (now.escrow, now.tokens, now.roles, now.genesis_hash) == (
        before.escrow,
        before.tokens,
        before.roles,
        before.genesis_hash,
    )
    block = resumed.w3.eth.get_block("latest")
    assert (block["number"], block["hash"]) == (last["number"], last["hash"])
    assert resumed.client.deal(resumed.client.deal_id(agreement)).opened
    assert len(resumed.w3.eth.get_logs({"fromBlock": 0})) == len(
        scene.w3.eth.get_logs({"fromBlock": 0})
    )
    # A hundred days ahead of the machine's clock, and never back.
    resumed.do("employer", calls.withdraw(agreement, [0]))
    mined = resumed.w3.eth.get_block("latest")
    assert mined["timestamp"] > last["timestamp"]
    assert mined["timestamp"] - last["timestamp"] < DAY


def test_time_passes_while_it_is_down(place: Workspace) -> None:
    up = devnet.up(workspace=place)
    last = DevChain(up.rpc_url).time()
    devnet.down(workspace=place)
    await_that(lambda: time.time() > last + 1)
    for _ in range(4):  # the first block is another one each second, were its time not kept
        now = devnet.up(workspace=place)
        assert now.genesis_hash == up.genesis_hash
        chain = DevChain(now.rpc_url)
        before = int(time.time())
        chain.mine()
        assert before - 1 <= chain.time() <= time.time() + 6
        devnet.down(workspace=place)


def test_wiped_it_is_gone(place: Workspace) -> None:
    first = devnet.up(workspace=place)
    devnet.down(wipe=True, workspace=place)
    assert files(place) == {"deployments.json"}
    assert devnet.status(workspace=place) is None
    assert not answers(first.rpc_url)


def test_a_killed_node_is_down_and_comes_back(
    place: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devnet, "_SAVE_SECONDS", 1)
    up = devnet.up(workspace=place)
    chain = DevChain(up.rpc_url)
    await_that(lambda: is_whole(place.devnet_state))  # saved in the meantime, by itself
    assert up.pid is not None
    os.kill(up.pid, signal.SIGKILL)
    await_that(lambda: not answers(up.rpc_url))
    seen = devnet.status(workspace=place)
    assert seen is not None
    assert seen.pid is None
    again = devnet.up(workspace=place)
    assert again.genesis_hash == up.genesis_hash
    assert DevChain(again.rpc_url).client_version() == chain.client_version()


def test_it_outlives_the_process_that_started_it(place: Workspace) -> None:
    subprocess.run(
        [sys.executable, "-c", "from milestone_escrow import devnet; devnet.up()"],
        env={**os.environ, "ESCROW_HOME": str(place.folder)},
        check=True,
        timeout=PATIENCE,
    )
    up = devnet.status(workspace=place)
    assert up is not None
    assert up.pid is not None
    assert answers(up.rpc_url)
    devnet.down(workspace=place)
    assert not answers(up.rpc_url)
    assert place.devnet_state.exists()


def test_only_the_devnet_is_ended(place: Workspace) -> None:
    up = devnet.up(workspace=place)
    devnet.down(workspace=place)
    with subprocess.Popen(["sleep", "60"], start_new_session=True) as other:
        stored = json.loads(place.devnet.read_text(encoding="utf-8"))
        place.devnet.write_text(json.dumps(stored | {"pid": other.pid}), encoding="utf-8")
        seen = devnet.status(workspace=place)
        assert seen is not None
        assert seen.pid is None
        devnet.down(wipe=True, workspace=place)
        assert other.poll() is None
        other.kill()
    assert not answers(up.rpc_url)


@pytest.mark.skipif(shutil.which("ps") is None, reason="Linux does without ps")
def test_it_is_found_where_there_is_no_proc(
    place: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(detached, "_PROC", Path("/nowhere"))
    up = devnet.up(workspace=place)
    assert devnet.status(workspace=place) == up
    devnet.down(workspace=place)
    assert not answers(up.rpc_url)
    assert place.devnet_state.exists()


def test_no_key_is_written_down(place: Workspace) -> None:
    up = devnet.up(workspace=place)
    DevChain(up.rpc_url).mine()
    devnet.down(workspace=place)
    assert files(place) == {"deployments.json", "devnet.json", "devnet-state.json", "devnet.log"}
    for path in place.folder.iterdir():
        text = path.read_text(encoding="utf-8").lower()
        assert not any(key in text for key in _KEYS), path.name
    assert "eth_chainId" in place.devnet_log.read_text(encoding="utf-8")


def test_a_taken_port_is_refused_only_if_it_was_named(
    place: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(NodeError, match=f"Port {port} is taken") as refusal:
            devnet.up(port, workspace=place)
        assert refusal.value.code == "port-in-use"
        assert files(place) == set()

    up = devnet.up(port := quiet_port(), workspace=place)
    assert up.rpc_url == f"http://127.0.0.1:{port}"
    with pytest.raises(NodeError, match=f"runs already, at {up.rpc_url}") as elsewhere:
        devnet.up(1 if port != 1 else 2, workspace=place)
    assert elsewhere.value.code == "devnet-elsewhere"
    devnet.down(workspace=place)
    asked: list[int] = []

    def free_port(preferred: int) -> int:
        asked.append(preferred)
        return preferred

    monkeypatch.setattr(devnet, "free_port", free_port)
    again = devnet.up(workspace=place)
    assert asked == [port]
    devnet.down(workspace=place)
    monkeypatch.undo()
    assert again.genesis_hash == up.genesis_hash
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", port))
        other.listen()
        moved = devnet.up(workspace=place)
        assert moved.rpc_url != up.rpc_url
        assert moved.genesis_hash == up.genesis_hash


def test_what_fails_leaves_nothing(place: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[str] = []

    def fail(w3: object, *_: object) -> None:
        started.append(str(w3.provider.endpoint_uri))  # type: ignore[attr-defined]
        raise KeyboardInterrupt

    monkeypatch.setattr(devnet, "deploy", fail)
    with pytest.raises(KeyboardInterrupt):
        devnet.up(workspace=place)
    assert len(started) == 1
    assert not answers(started[0])
    assert files(place) == set()


def test_a_node_left_half_ready_is_ended(place: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    up = devnet.up(workspace=place)
    place.devnet.write_text(json.dumps({"pid": up.pid}), encoding="utf-8")
    assert devnet.status(workspace=place) is None
    again = devnet.up(free_port(0), workspace=place)
    assert again.pid != up.pid
    assert not answers(up.rpc_url)
    assert EscrowClient(connect(again.rpc_url), again.escrow)


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"pid": "7"}', '{"pid": 7, "colour": "red"}'])
def test_an_unreadable_note_is_refused_and_kept(place: Workspace, text: str) -> None:
    place.create()
    place.devnet.write_text(text, encoding="utf-8")
    actions: list[Callable[[], Devnet | None]] = [
        lambda: devnet.up(workspace=place),
        lambda: devnet.down(workspace=place),
        lambda: devnet.down(wipe=True, workspace=place),
        lambda: devnet.status(workspace=place),
    ]
    for act in actions:
        with pytest.raises(DeploymentError) as refusal:
            act()
        assert refusal.value.code == "devnet-unreadable"
        assert str(place.devnet) in refusal.value.remedy
    assert place.devnet.read_text(encoding="utf-8") == text
    assert files(place) == {"devnet.json"}


def test_an_unreadable_registry_is_refused_first(
    place: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(devnet, "start_anvil")
    place.create()
    place.deployments.write_text("{", encoding="utf-8")
    with pytest.raises(DeploymentError) as refusal:
        devnet.up(workspace=place)
    assert refusal.value.code == "registry-unreadable"
    assert files(place) == {"deployments.json"}


def test_a_damaged_chain_is_refused_and_kept(place: Workspace) -> None:
    devnet.up(workspace=place)
    devnet.down(workspace=place)
    place.devnet_state.write_text("{", encoding="utf-8")
    with pytest.raises(DeploymentError, match="does not start on the saved chain") as refusal:
        devnet.up(workspace=place)
    assert refusal.value.code == "devnet-unreadable"
    assert "--wipe" in refusal.value.remedy
    assert place.devnet_state.read_text(encoding="utf-8") == "{"


def test_a_chain_of_which_nothing_is_known_is_refused(place: Workspace) -> None:
    devnet.up(workspace=place)
    devnet.down(workspace=place)
    note = place.devnet.read_text(encoding="utf-8")
    place.devnet.unlink()
    with pytest.raises(DeploymentError, match="not known") as refusal:
        devnet.up(workspace=place)
    assert refusal.value.code == "devnet-unreadable"
    assert "--wipe" in refusal.value.remedy

    # The same chain, but not the one that the note is about.
    place.devnet.write_text(note.replace('"genesis_hash": "0x', '"genesis_hash": "0xf'))
    with pytest.raises(DeploymentError, match="not the one") as changed:
        devnet.up(workspace=place)
    assert changed.value.code == "devnet-changed"

    # That chain, with nothing where the escrow should be.
    place.devnet.write_text(note.replace('"escrow": "0x', '"escrow": "0xf'))
    stored = json.loads(note)
    place.devnet.write_text(json.dumps(stored | {"escrow": stored["roles"]["stranger"]}))
    with pytest.raises(DeploymentError, match="no escrow") as without:
        devnet.up(workspace=place)
    assert without.value.code == "devnet-changed"
    seen = devnet.status(workspace=place)
    assert seen is not None
    assert seen.pid is None


def test_a_devnet_that_hangs_is_told(place: Workspace) -> None:
    up = devnet.up(workspace=place)
    stored = json.loads(place.devnet.read_text(encoding="utf-8"))
    dead = f"http://127.0.0.1:{free_port(0)}"
    place.devnet.write_text(json.dumps(stored | {"rpc_url": dead}), encoding="utf-8")
    with pytest.raises(EscrowError, match="does not answer") as refusal:
        devnet.up(workspace=place)
    assert refusal.value.code == "node-not-answering"
    devnet.down(workspace=place)
    assert not answers(up.rpc_url)
