"""Run-time code of a few bytes, for what no compiler makes."""

from __future__ import annotations

from typing import Final

__all__ = [
    "BURN",
    "NOTHING",
    "REFUSE",
    "SPIN",
    "answer",
    "hungry",
    "refuse_with",
    "return_bomb",
    "revert_bomb",
    "self_destruct",
]

NOTHING: Final = b""
REFUSE: Final = bytes.fromhex("5f5ffd")  # PUSH0 PUSH0 REVERT
BURN: Final = bytes.fromhex("fe")  # INVALID: all gas is gone
SPIN: Final = bytes.fromhex("5b5f56")  # JUMPDEST PUSH0 JUMP: until the gas is gone


def return_bomb(size: int) -> bytes:
    """Return so many zeros: PUSH3 size PUSH0 RETURN."""
    return b"\x62" + size.to_bytes(3) + bytes.fromhex("5ff3")


def revert_bomb(size: int) -> bytes:
    """Revert with so many zeros: PUSH3 size PUSH0 REVERT."""
    return b"\x62" + size.to_bytes(3) + bytes.fromhex("5ffd")


def answer(data: bytes) -> bytes:
    """Return these bytes to whatever is asked: PUSH1 size, PUSH1 12, PUSH0, CODECOPY, RETURN."""
    size = len(data).to_bytes(1)
    code = b"\x60" + size + bytes.fromhex("600a5f39") + b"\x60" + size + bytes.fromhex("5ff3")
    assert len(code) == 10
    return code + data


def refuse_with(data: bytes) -> bytes:
    """Revert with these bytes, whatever is asked: as ``answer``, but for REVERT."""
    code = answer(data)
    return code[:9] + b"\xfd" + code[10:]


def hungry(gas: int) -> bytes:
    """Take about so much gas, by counting down 26 a step, and stop content."""
    steps = gas // 26
    return b"\x62" + steps.to_bytes(3) + bytes.fromhex("5b600190038060045700")


def self_destruct(heir: str) -> bytes:
    """Leave all coins to an heir: PUSH20 heir SELFDESTRUCT."""
    return b"\x73" + bytes.fromhex(heir[2:]) + b"\xff"
