"""Load by ``wrk``, a program of Debian's package of that name: for ``bench.bridge``."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

__all__ = ["CONNECTIONS", "Ask", "Load", "have_wrk", "load"]

CONNECTIONS: Final = 16
_PATIENCE: Final = 30  # seconds for an answer
_MS: Final = {"us": 0.001, "ms": 1.0, "s": 1_000.0, "m": 60_000.0}


@dataclass(frozen=True, slots=True)
class Ask:
    """A request: a path to be read, or one to which a JSON body is sent."""

    path: str
    body: str | None = None


@dataclass(frozen=True, slots=True)
class Load:
    """What came of a load.

    Attributes:
        rate: Answers a second.
        p99: Milliseconds within which 99 of 100 came.
    """

    rate: float
    p99: float


def have_wrk() -> bool:
    """Return whether the program is here."""
    return shutil.which("wrk") is not None


def load(port: int, asks: Sequence[Ask], seconds: int, rate: float = 0.0) -> Load:
    """Ask a server of this machine at random what is given, over 16 connections.

    Args:
        port: The server's.
        asks: What is asked.
        seconds: How long.
        rate: How much a second, about; 0: as much as it answers.

    Raises:
        RuntimeError: Something was not answered, or not by 200.
    """
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(_script(asks, 1_000 * CONNECTIONS / rate if rate else 0.0))
        script.flush()
        command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency"]
        command += ["--timeout", f"{_PATIENCE}s"]
        command += ["-s", script.name, f"http://127.0.0.1:{port}"]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in told or "Socket errors" in told:
        raise RuntimeError(f"not everything was answered: {told}")
    answered = re.search(r"Requests/sec:\s+([\d.]+)", told)
    slow = re.search(r"99%\s+([\d.]+)(us|ms|s|m)\b", told)
    assert answered is not None and slow is not None, told
    return Load(float(answered[1]), float(slow[1]) * _MS[slow[2]])


def _script(asks: Sequence[Ask], pause: float) -> str:
    """Return wrk's program; ``pause`` is of each connection between two requests, in ms."""
    made = ",".join(
        f"{{{json.dumps(ask.path)},{'nil' if ask.body is None else json.dumps(ask.body)}}}"
        for ask in asks
    )
    text = f"asks = {{{made}}}\n"
    text += (
        "headers = {['Content-Type'] = 'application/json'}\n"
        "request = function()\n"
        "  local ask = asks[math.random(#asks)]\n"
        "  if ask[2] then return wrk.format('POST', ask[1], headers, ask[2]) end\n"
        "  return wrk.format('GET', ask[1])\n"
        "end\n"
    )
    if pause:
        text += f"delay = function() return {pause:.2f} * (0.5 + math.random()) end\n"
    return text
