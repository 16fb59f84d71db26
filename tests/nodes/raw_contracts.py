"""Contracts of a few bytes, for what no compiler would make."""

from __future__ import annotations

from collections.abc import Sequence

from hexbytes import HexBytes

from tests.nodes.stage import Stage

_RETURN, _REVERT = b"\xf3", b"\xfd"


def answering_with(data: bytes) -> bytes:
    """Return code that answers with ``data`` whatever it is asked."""
    return _ending_with(data, _RETURN)


def refusing_with(data: bytes) -> bytes:
    """Return code that reverts with ``data`` whatever it is asked."""
    return _ending_with(data, _REVERT)


def logging(topics: Sequence[bytes]) -> bytes:
    """Return code that logs these topics, without data, whatever it is asked."""
    pushes = b"".join(b"\x7f" + topic for topic in reversed(topics))  # PUSH32
    return pushes + b"\x5f\x5f" + bytes([0xA0 + len(topics)]) + b"\x00"


def _ending_with(data: bytes, end: bytes) -> bytes:
    """Return code that copies the ``data`` behind it to memory, and ends with that."""
    size = b"\x61" + len(data).to_bytes(2)  # PUSH2
    from_here = b"\x60\x0c\x5f\x39"  # PUSH1 12, PUSH0, CODECOPY
    return size + from_here + size + b"\x5f" + end + data  # PUSH0 is where it begins


def put(stage: Stage, code: bytes) -> str:
    """Deploy code as it is, and return where."""
    creation = _ending_with(code, _RETURN)
    tx_hash = stage.deployer.send(stage.w3, {"data": HexBytes(creation)})
    receipt = stage.w3.eth.wait_for_transaction_receipt(tx_hash, poll_latency=0.01)
    assert receipt["contractAddress"] is not None
    return str(receipt["contractAddress"])
