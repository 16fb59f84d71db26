"""A node as a child process: started, awaited, ended by its own id, with nothing left behind."""

from __future__ import annotations

import atexit
import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from milestone_escrow.chain.dev_chain import DevChain
from milestone_escrow.exceptions import NodeError

__all__ = ["HOST", "Node", "free_port", "launch", "search_roots"]

HOST = "127.0.0.1"

START_SECONDS = 60.0  # a busy machine needs several for Hardhat; Anvil takes a tenth of one
STOP_SECONDS = 10.0  # Anvil writes its state file in here
POLL_SECONDS = 0.01

# Run in the child before it becomes the node: asks Linux to end it when its parent ends, however
# that happens, and leaves at once if the parent is gone already. (Popen's preexec_fn would do the
# same, but is unsafe with threads.)
_LEASH = """
import ctypes, os, signal, sys
ctypes.CDLL(None).prctl(1, signal.SIGTERM, 0, 0, 0)  # 1: PR_SET_PDEATHSIG
if os.getppid() != int(sys.argv[1]):
    sys.exit(1)
os.execv(sys.argv[2], sys.argv[2:])
"""

# Detached nodes outlive us, or are ended by their ids. Either way Popen would warn at its end of a
# child that still runs: they are kept until ours, and then said to have ended.
_detached: list[subprocess.Popen[bytes]] = []


@atexit.register
def _let_go() -> None:
    for process in _detached:
        if process.poll() is None:
            process.returncode = 0


def free_port(preferred: int = 8545) -> int:
    """Return ``preferred`` if nothing listens on it, else a free port of the system's choice.

    Another program may take the port between this call and its use.
    """
    for port in (preferred, 0):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            # As servers do: a port whose last connections are still closing down is free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise NodeError(
        "This machine has no free port.", "End some programs, then try again.", code="no-free-port"
    )


def search_roots() -> list[Path]:
    """Return where ``node_modules`` may be: the project's folder, the current one and upwards."""
    here = Path.cwd()
    return list(dict.fromkeys([Path(__file__).resolve().parents[2], here, *here.parents]))


class Node:
    """A running development node; as a context manager it is stopped at the end.

    Attributes:
        rpc_url: The node's HTTP address.
        port: The port it listens on.
        pid: Its process id.
        log_file: What it prints; a temporary file, removed by ``stop``, unless one was given.
        detached: It outlives the ``with`` block and this process, until ``stop``.
    """

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        port: int,
        log_file: Path,
        *,
        detached: bool,
        leftovers: Sequence[Path] = (),
    ) -> None:
        """Wrap a started process; ``leftovers`` are removed when it ends. Made by ``launch``."""
        self.port = port
        self.rpc_url = f"http://{HOST}:{port}"
        self.pid = process.pid
        self.log_file = log_file
        self.detached = detached
        self._process = process
        self._leftovers = tuple(leftovers)
        if detached:
            _detached.append(process)
        else:
            atexit.register(self.stop)

    def __repr__(self) -> str:
        return f"Node({self.rpc_url!r}, pid={self.pid})"

    @property
    def chain(self) -> DevChain:
        """A new connection to the node."""
        return DevChain(self.rpc_url)

    def running(self) -> bool:
        """Return whether the process still runs."""
        return self._process.poll() is None

    def stop(self) -> None:
        """End the process, at the latest by force, and remove its temporary files. Idempotent."""
        try:
            _end(self._process)
        finally:
            _remove(self._leftovers)
            atexit.unregister(self.stop)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if not self.detached:
            self.stop()


def launch(
    name: str,
    command: Sequence[str | Path],
    *,
    port: int | None,
    ready: re.Pattern[bytes],
    chain_id: int,
    log_file: Path | None,
    detach: bool,
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
    leftovers: Sequence[Path] = (),
) -> Node:
    """Start a node and return once it answers.

    Args:
        name: What to call it in errors.
        command: The program, by an absolute path, and its arguments but ``--port``.
        port: Where it shall listen; 0: any free port; None: 8545 if that is free, else any.
        ready: Matches what the node prints once it listens; its group is the port. Only the node's
            own word counts: what answers on a port may be somebody else's node.
        chain_id: What ``eth_chainId`` must answer.
        log_file: Where its output is appended; None: a temporary file.
        detach: Let it outlive this process.
        cwd: Its working directory.
        environment: Variables added to this process's own.
        leftovers: Files and folders to remove when it ends.

    Raises:
        NodeError: another program has the port (``port-in-use``); the node ends at once, does not
            answer in time, or serves another chain (``node-did-not-start``).
    """
    try:
        if log_file is None:
            handle, temporary = tempfile.mkstemp(prefix=f"{name.lower()}-", suffix=".log")
            os.close(handle)
            log_file = Path(temporary)
            leftovers = (*leftovers, log_file)
        log_file.parent.mkdir(parents=True, exist_ok=True)
        full = [*_leash(detach), *map(str, command), "--port"]
        environ = {**os.environ, **(environment or {})}
        if port is not None:
            process, listens_on = _start(name, [*full, str(port)], ready, log_file, cwd, environ)
        else:
            try:
                chosen = str(free_port())
                process, listens_on = _start(name, [*full, chosen], ready, log_file, cwd, environ)
            except NodeError as error:
                if error.code != "port-in-use":
                    raise
                # Another program took it just now; what the system chooses nobody can take.
                process, listens_on = _start(name, [*full, "0"], ready, log_file, cwd, environ)
        try:
            served = DevChain(f"http://{HOST}:{listens_on}", timeout=START_SECONDS).chain_id()
            if served != chain_id:
                raise _did_not_start(name, f"it serves chain {served} instead of {chain_id}")
            return Node(process, listens_on, log_file, detached=detach, leftovers=leftovers)
        except BaseException:
            _end(process)
            raise
    except BaseException:
        _remove(leftovers)
        raise


def _start(
    name: str,
    command: Sequence[str],
    ready: re.Pattern[bytes],
    log_file: Path,
    cwd: Path | None,
    environ: Mapping[str, str],
) -> tuple[subprocess.Popen[bytes], int]:
    """Start the process and return it with the port that it says it listens on."""
    with log_file.open("ab") as log:
        written = log.tell()
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=cwd,
            env=environ,
            start_new_session=True,  # Ctrl-C is ours to handle; we then end the node
        )
    try:
        return process, _await_port(name, process, log_file, written, ready)
    except BaseException:
        _end(process)
        raise


def _leash(detach: bool) -> list[str]:
    """Return what to put before a command so that it ends with this process, where it can."""
    # Linux ties the child to the thread that started it: only the main thread lives long enough.
    tied = (
        not detach
        and sys.platform == "linux"
        and bool(sys.executable)
        and threading.current_thread() is threading.main_thread()
    )
    return [sys.executable, "-I", "-S", "-c", _LEASH, str(os.getpid())] if tied else []


def _await_port(
    name: str,
    process: subprocess.Popen[bytes],
    log_file: Path,
    written: int,
    ready: re.Pattern[bytes],
) -> int:
    """Return the port that the node says it listens on."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        ended = process.poll() is not None  # before the reading: what it said last is then read
        with log_file.open("rb") as log:
            log.seek(written)
            said = log.read()
        if match := ready.search(said):
            return int(match[1])
        if ended:
            raise _did_not_start(name, f"it ended with: {_telling_line(said)}")
        if time.monotonic() > deadline:
            raise _did_not_start(name, f"it was silent for {START_SECONDS:.0f} seconds")
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(POLL_SECONDS)


def _did_not_start(name: str, why: str) -> NodeError:
    sentence = f"{name} did not start: {why.rstrip('.')}."
    if "address already in use" in why.lower():
        return NodeError(
            sentence, "Choose another port, or end what is using this one.", code="port-in-use"
        )
    return NodeError(
        sentence,
        "Give a log file and read there all that it prints.",
        code="node-did-not-start",
    )


def _telling_line(said: bytes) -> str:
    lines = [line.strip() for line in said.decode("utf-8", "replace").splitlines() if line.strip()]
    telling = [line for line in lines if "error" in line.lower()]
    return (telling or lines[-1:] or ["no word"])[0]


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process with the session it leads: a node behind a wrapper ends too."""
    if process.poll() is not None:
        return
    for way in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, way)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)
            return


def _remove(paths: Sequence[Path]) -> None:
    for path in paths:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
