"""What viem makes of typed data: one process of Node, fed with a line of JSON a message."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Any, Final

from tests.compiled import ROOT

__all__ = ["Answer", "Viem", "viem", "why_not"]

_SCRIPT: Final = Path(__file__).with_name("typed_data.mjs")
_NODE: Final = "node"
_WINDOW: Final = 16  # messages under way, few enough to fit into the pipe of answers


@dataclass(frozen=True, slots=True)
class Answer:
    """What viem makes of a message.

    Attributes:
        digest: 32 bytes.
        signature: 65 bytes; empty: none was asked for.
        signer: Whom viem recovers from it, checksummed; empty as well.
    """

    digest: bytes
    signature: bytes
    signer: str


class Viem:
    """A running process."""

    def __init__(self, to: IO[str], answers: IO[str]) -> None:
        self._to = to
        self._answers = answers

    def ask(self, messages: Iterable[tuple[dict[str, Any], bytes | None]]) -> Iterator[Answer]:
        """Yield what viem makes of each message, in order, working ahead of whoever reads.

        Args:
            messages: Typed data, and the key that signs it if one does.

        Raises:
            ValueError: viem refused a message.
        """
        remaining = iter(messages)
        waiting = self._send(islice(remaining, _WINDOW))
        while waiting:
            waiting += self._send(islice(remaining, 1)) - 1
            yield self._read()

    def _send(self, messages: Iterable[tuple[dict[str, Any], bytes | None]]) -> int:
        count = 0
        for data, key in messages:
            line = json.dumps([data, None if key is None else "0x" + key.hex()])
            self._to.write(line + "\n")
            count += 1
        self._to.flush()
        return count

    def _read(self) -> Answer:
        line = self._answers.readline()
        if not line:
            raise RuntimeError("The process of viem ended.")
        answer = json.loads(line)
        if isinstance(answer, dict):
            raise ValueError(answer["error"])
        digest, signature, signer = answer
        return Answer(_bytes(digest), _bytes(signature), signer or "")


@contextmanager
def viem() -> Iterator[Viem]:
    """Run a process of viem."""
    with subprocess.Popen(
        [_NODE, str(_SCRIPT)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        env=os.environ,
    ) as process:
        assert process.stdin and process.stdout
        try:
            yield Viem(process.stdin, process.stdout)
        finally:
            process.kill()


def why_not() -> str:
    """Return why viem cannot be asked, empty if it can be."""
    there = (ROOT / "node_modules" / "viem" / "package.json").exists()
    return "" if there else "node_modules has no viem; `make setup` installs it"


def _bytes(hexadecimal: str | None) -> bytes:
    return bytes.fromhex(hexadecimal[2:]) if hexadecimal else b""
