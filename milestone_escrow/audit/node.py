"""What an audit asks a node, in batches, all of it at the end of one block."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, TypeVar

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError

from milestone_escrow.abi_values import ZERO_ADDRESS
from milestone_escrow.calls import encode_call
from milestone_escrow.deal_state import DealState, MilestoneState
from milestone_escrow.exceptions import NodeError
from milestone_escrow.indexer.rpc import Rpc, RpcCall, TooMuch

__all__ = ["Header", "NodeAt", "headers", "in_chunks", "log_ranges", "number_of", "the_bytes"]

_CHUNK: Final = 100  # calls in one request
_RANGE: Final = 2_000  # blocks in one question for logs
_BALANCE_OF: Final = bytes.fromhex("70a08231")

_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class Header:
    """What an audit needs of a block's header."""

    number: int
    hash: bytes
    timestamp: int


class NodeAt:
    """A node, asked about the state at the end of one block.

    Attributes:
        rpc: The node.
        header: The block.
    """

    def __init__(self, rpc: Rpc, block_number: int) -> None:
        """Find the block.

        Raises:
            NodeError: The node has no such block (``no-block``), or does not answer.
        """
        self.rpc = rpc
        (self.header,) = headers(rpc, [block_number])
        # By hash, so that every answer is about the same block even while the chain goes on.
        by_hash = {"blockHash": "0x" + self.header.hash.hex(), "requireCanonical": True}
        understood = rpc.batch_or_none([("eth_getBalance", [ZERO_ADDRESS, by_hash])])[0]
        self._block: object = by_hash if understood is not None else hex(block_number)

    def still_there(self) -> bool:
        """Return whether the block has not been replaced since."""
        return headers(self.rpc, [self.header.number])[0] == self.header

    def calls(self, calls: Sequence[RpcCall]) -> list[Any]:
        """Return the answers to calls whose last parameter, the block, is left out."""
        results: list[Any] = []
        for chunk in in_chunks(calls):
            results += self.rpc.batch(
                [(method, [*params, self._block]) for method, params in chunk]
            )
        return results

    def deals(self, escrow: str, deal_ids: Sequence[bytes]) -> list[DealState]:
        """Return what the view ``deal`` answers."""
        answers = self.calls([_view(escrow, "deal", each) for each in deal_ids])
        types = ("bool", "bool", "bool", "uint256", "uint256", "uint256")
        return [DealState(*_decoded(types, answer)) for answer in answers]

    def milestones(
        self, escrow: str, milestones: Sequence[tuple[bytes, int]]
    ) -> list[MilestoneState]:
        """Return what the view ``milestone`` answers."""
        answers = self.calls([_view(escrow, "milestone", *each) for each in milestones])
        return [MilestoneState(*_decoded(("uint256",) * 3, answer)) for answer in answers]

    def credits(self, escrow: str, owners: Sequence[tuple[str, str]]) -> list[int]:
        """Return what the view ``credit`` answers, by (token, owner)."""
        answers = self.calls([_view(escrow, "credit", *each) for each in owners])
        return [int(_decoded(("uint256",), answer)[0]) for answer in answers]

    def slots(self, escrow: str, slots: Sequence[int]) -> list[int]:
        """Return the words in storage slots."""
        answers = self.calls([("eth_getStorageAt", [escrow, f"0x{slot:064x}"]) for slot in slots])
        return [number_of(answer) for answer in answers]

    def balances(self, owner: str, tokens: Sequence[str]) -> list[int]:
        """Return balances, raw units; the zero address is the native coin."""
        answers = self.calls([_balance(owner, token) for token in tokens])
        return [
            number_of(answer) if token == ZERO_ADDRESS else int(_decoded(("uint256",), answer)[0])
            for token, answer in zip(tokens, answers, strict=True)
        ]

    def code(self, address: str) -> bytes:
        """Return an account's code."""
        return the_bytes(self.calls([("eth_getCode", [address])])[0])


def headers(rpc: Rpc, numbers: Sequence[int]) -> list[Header]:
    """Return the headers of blocks.

    Raises:
        NodeError: The node lacks one (``no-block``), or does not answer.
    """
    found: list[Header] = []
    for chunk in in_chunks(numbers):
        answers = rpc.batch([("eth_getBlockByNumber", [hex(each), False]) for each in chunk])
        for number, answer in zip(chunk, answers, strict=True):
            if answer is None:
                raise NodeError(
                    f"The node has no block {number}.",
                    "Give the URL of a node of this chain that is not behind.",
                    code="no-block",
                )
            try:
                header = Header(
                    number_of(answer["number"]),
                    the_bytes(answer["hash"]),
                    number_of(answer["timestamp"]),
                )
            except (KeyError, TypeError) as error:
                raise _nonsense() from error
            found.append(header)
    return found


def log_ranges(rpc: Rpc, address: str, from_block: int, to_block: int) -> Iterator[dict[str, Any]]:
    """Yield all logs of an address, in order; where the node says it is too much, it asks for less.

    Raises:
        NodeError: The node does not answer, or not even about one block.
    """
    size = _RANGE
    while from_block <= to_block:
        last = min(from_block + size - 1, to_block)
        wanted = {"address": address, "fromBlock": hex(from_block), "toBlock": hex(last)}
        try:
            logs = rpc.call("eth_getLogs", wanted)
        except TooMuch:
            if size == 1:
                raise
            size = max(1, size // 4)
            continue
        if not isinstance(logs, list):
            raise _nonsense()
        yield from logs
        from_block = last + 1


def in_chunks(items: Sequence[_Item], size: int = _CHUNK) -> Iterator[list[_Item]]:
    """Yield the items in lists of a size."""
    remaining = iter(items)
    while chunk := list(islice(remaining, size)):
        yield chunk


def number_of(text: object) -> int:
    """Return the integer of a node's hexadecimal.

    Raises:
        NodeError: It is none.
    """
    return _read(lambda value: int(value, 16), text)


def the_bytes(text: object) -> bytes:
    """Return the bytes of a node's hexadecimal.

    Raises:
        NodeError: It is none.
    """
    return _read(lambda value: bytes.fromhex(value.removeprefix("0x")), text)


def _read(how: Callable[[str], _Item], text: object) -> _Item:
    if isinstance(text, str):
        try:
            return how(text)
        except ValueError:
            pass
    raise _nonsense()


def _view(escrow: str, name: str, *arguments: Any) -> RpcCall:
    return "eth_call", [{"to": escrow, "data": "0x" + encode_call(name, *arguments).hex()}]


def _balance(owner: str, token: str) -> RpcCall:
    if token == ZERO_ADDRESS:
        return "eth_getBalance", [owner]
    data = _BALANCE_OF + bytes(12) + bytes.fromhex(owner[2:])
    return "eth_call", [{"to": token, "data": "0x" + data.hex()}]


def _decoded(types: Sequence[str], answer: object) -> tuple[Any, ...]:
    try:
        return decode(types, the_bytes(answer))
    except (DecodingError, OverflowError) as error:
        raise _nonsense() from error


def _nonsense() -> NodeError:
    return NodeError(
        "The node gave an answer that makes no sense.",
        "Ask another node, and check that the escrow was deployed by then.",
        code="not-a-node",
    )
