"""Signatures of accounts that are contracts (ERC-1271), asked of a node as the escrow asks them."""

from __future__ import annotations

from typing import Final

from eth_abi.abi import encode
from hexbytes import HexBytes
from web3 import Web3

from milestone_escrow.exceptions import ContractRevert
from milestone_escrow.indexer.rows import address_bytes
from milestone_escrow.rpc_errors import request

__all__ = ["MAX_SIGNATURE", "signed_by_contract"]

MAX_SIGNATURE: Final = 1_024
"""Bytes; the contract takes no longer one."""

_MAGIC: Final = bytes.fromhex("1626ba7e") + bytes(28)  # also the function's selector
_GAS: Final = hex(5_000_000)
_HEADER: Final = 50  # bytes of the code below


def signed_by_contract(w3: Web3, address: str, digest: bytes, signature: bytes) -> bool:
    """Return whether an account's code approves a signature now.

    Args:
        w3: The node.
        address: The account; without code it approves nothing.
        digest: 32 bytes.
        signature: Whatever the account's code takes.

    Raises:
        NodeError: The node does not answer.
    """
    if len(signature) > MAX_SIGNATURE:
        return False
    asked = _MAGIC[:4] + encode(["bytes32", "bytes"], [digest, signature])
    call = {"data": "0x" + _static_call(address_bytes(address), asked).hex(), "gas": _GAS}
    try:
        answer = bytes(HexBytes(request(w3, "eth_call", call, "latest")))
    except ContractRevert:
        return False
    success, size, word = (answer[at : at + 32] for at in (0, 32, 64))
    return int.from_bytes(success) == 1 and int.from_bytes(size) >= 32 and word == _MAGIC


def _static_call(to: bytes, data: bytes) -> bytes:
    """Return the code of a contract whose making calls another and answers with what it said.

    ``eth_call`` by itself would let the account's code write, which the escrow's question does not.
    What is answered: success, size and first word of what came back, 32 bytes each.
    """
    size = len(data).to_bytes(2)
    code = b"".join(
        (
            *(b"\x61" + size, bytes((0x60, _HEADER)), b"\x60\x60\x39"),  # data to memory 96..
            b"\x60\x20\x60\x40",  # the first word goes to 64
            *(b"\x61" + size, b"\x60\x60", b"\x73" + to, b"\x5a\xfa"),  # staticcall, with all gas
            b"\x5f\x52",  # success to 0
            b"\x3d\x60\x20\x52",  # size to 32
            b"\x60\x60\x5f\xf3",  # return 96 bytes
        )
    )
    assert len(code) == _HEADER
    return code + data
