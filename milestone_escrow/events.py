"""From logs to typed events.

The events themselves are passed on from ``milestone_escrow.event_types``. As their indexed fields
come first, the topics and the data of a log are one row of 32-byte words in the order of the
fields; decoding is that row, cut. It checks every length, so that a log either is an event to the
byte or is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from struct import Struct
from typing import Any, Final, TypeVar, get_type_hints

from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from milestone_escrow.agreement import MAX_MILESTONES, Agreement, Milestone
from milestone_escrow.event_types import (
    EVENTS,
    Accepted,
    Active,
    Credited,
    CreditPaid,
    Disputed,
    Event,
    Funded,
    Indexed,
    Moved,
    Opened,
    Reason,
    Refunded,
    Released,
    ReleaseRequested,
    RequestVoided,
    Ruled,
    Superseded,
    abi_inputs,
    signature,
    topic0,
)
from milestone_escrow.exceptions import NodeError

__all__ = [
    "EVENTS",
    "Accepted",
    "Active",
    "CreditPaid",
    "Credited",
    "Disputed",
    "Event",
    "EventRecord",
    "Funded",
    "Indexed",
    "Moved",
    "Opened",
    "RawLog",
    "Reason",
    "Refunded",
    "ReleaseRequested",
    "Released",
    "RequestVoided",
    "Ruled",
    "Superseded",
    "abi_inputs",
    "decode_log",
    "decode_raw",
    "event_to_json",
    "parse_log",
    "signature",
    "topic0",
]


@dataclass(frozen=True, slots=True)
class RawLog:
    """A log as the chain has it, in bytes.

    Attributes:
        timestamp: Unix seconds of the block, None where the node does not say.
        address: The contract that logged, checksummed.
        topics: All topics, 32 bytes each, one after the other; the first is topic 0.
    """

    block_number: int
    block_hash: bytes
    tx_hash: bytes
    log_index: int
    timestamp: int | None
    address: str
    topics: bytes
    data: bytes


@dataclass(frozen=True, slots=True)
class EventRecord:
    """An event and its place on the chain; records are ordered by (block number, log index)."""

    block_number: int
    block_hash: bytes
    tx_hash: bytes
    log_index: int
    timestamp: int | None
    address: str
    event: Event


def decode_log(log: Mapping[str, Any]) -> EventRecord | None:
    """Decode a log as JSON-RPC gives it.

    Args:
        log: One element of the answer to ``eth_getLogs``.

    Returns:
        The event and its place, or None where topic 0 is none of the escrow's.

    Raises:
        NodeError: The log is malformed.
    """
    return decode_raw(parse_log(log))


def parse_log(log: Mapping[str, Any]) -> RawLog:
    """Turn a log's hexadecimal into bytes without asking what it means.

    Raises:
        NodeError: A field is missing, not hexadecimal or of the wrong length.
    """
    try:
        topics = log["topics"]
        words = bytes.fromhex("".join([topic[2:] for topic in topics]))
        data = log["data"]
        timestamp = log.get("blockTimestamp")
        raw = RawLog(
            int(log["blockNumber"], 16),
            _block_hash(log["blockHash"]),
            bytes.fromhex(log["transactionHash"][2:]),
            int(log["logIndex"], 16),
            None if timestamp is None else int(timestamp, 16),
            _checksummed(log["address"]),
            words,
            bytes.fromhex(data[2:]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise _malformed(log, f"a field is missing or not hexadecimal ({error!r})") from error
    if len(words) != 32 * len(topics) or len(raw.tx_hash) != 32 or len(raw.block_hash) != 32:
        raise _malformed(log, "a topic or a hash is not 32 bytes long")
    if len(data) != 2 + 2 * len(raw.data):
        raise _malformed(log, "its data is not hexadecimal")
    return raw


def decode_raw(raw: RawLog) -> EventRecord | None:
    """Decode a log's bytes; None where topic 0 is none of the escrow's.

    Raises:
        NodeError: The number of topics, the length of the data, the padding of an address or a
            reason does not fit the event.
    """
    layout = _LAYOUTS.get(raw.topics[:32])
    if layout is None:
        return None
    try:
        event = layout.decode(raw.topics, raw.data)
    except ValueError as error:
        raise _malformed(raw, f"as {layout.event.__name__} it has {error}") from error
    return EventRecord(
        raw.block_number,
        raw.block_hash,
        raw.tx_hash,
        raw.log_index,
        raw.timestamp,
        raw.address,
        event,
    )


def event_to_json(record: EventRecord) -> dict[str, object]:
    """Return a record as JSON-able values: uint256 as decimal strings, bytes as 0x-hex.

    ``reason`` is the word (``"overdue"``), ``args`` holds the event's own fields.
    """
    event = record.event
    return {
        "event": type(event).__name__,
        "block_number": record.block_number,
        "block_hash": "0x" + record.block_hash.hex(),
        "tx_hash": "0x" + record.tx_hash.hex(),
        "log_index": record.log_index,
        "timestamp": record.timestamp,
        "address": record.address,
        "args": {field.name: _to_json(getattr(event, field.name)) for field in fields(event)},
    }


_T = TypeVar("_T")


# --- How a log is cut


# Addresses and block hashes come back again and again, and a checksum costs a keccak.
@lru_cache(maxsize=1 << 10)
def _checksummed(text: str) -> str:
    return to_checksum_address(text)


@lru_cache(maxsize=1 << 16)
def _address(word: bytes) -> str:
    """Return the address in a word, checksummed by EIP-55.

    eth-utils does the same in five times the time, which would be half of all decoding.
    """
    if word[:12] != bytes(12):
        raise ValueError("an address is not padded with zeros")
    digits = word[12:].hex()
    marks = keccak(digits.encode()).hex()
    return "0x" + "".join(
        [digit.upper() if mark > "7" else digit for digit, mark in zip(digits, marks, strict=False)]
    )


@lru_cache(maxsize=1 << 10)
def _block_hash(text: str) -> bytes:
    return bytes.fromhex(text[2:])


_REASONS: Final = {reason.to_bytes(32): reason for reason in Reason}


def _unchecked(kind: type[_T], values: tuple[object, ...]) -> _T:
    """Return a frozen dataclass of values that the decoding has already made right.

    Its own constructor would check them once more, in more time than the decoding takes.
    """
    instance = object.__new__(kind)
    for name, value in zip(kind.__slots__, values, strict=True):  # type: ignore[attr-defined]
        object.__setattr__(instance, name, value)
    return instance


def _reason(word: bytes) -> Reason:
    reason = _REASONS.get(word)
    if reason is None:
        raise ValueError(f"no reason has the number {int.from_bytes(word)}")
    return reason


_CONVERTERS: Final[dict[Any, Callable[[bytes], Any]]] = {
    str: _address,
    bytes: bytes,
    int: int.from_bytes,
    Reason: _reason,
}


class _Layout:
    """How the words of one event become its dataclass."""

    def __init__(self, event: type[Event]) -> None:
        hints = get_type_hints(event)
        self.event = event
        self._make: Callable[..., Event] = event
        self.decode = self._decode_agreement if event is Opened else self._decode_words
        self._converters = [_CONVERTERS[hint] for hint in hints.values() if hint is not Agreement]
        self._topics_length = 32 * (1 + sum(indexed for _, _, indexed in abi_inputs(event)))
        words = len(self._converters)
        self._data_length = 32 * (1 + words) - self._topics_length
        self._unpack = Struct("32x" + "32s" * words).unpack

    def _decode_words(self, topics: bytes, data: bytes) -> Event:
        self._check_lengths(topics, data, self._data_length)
        words = self._unpack(topics + data)
        return self._make(*[read(word) for read, word in zip(self._converters, words, strict=True)])

    def _decode_agreement(self, topics: bytes, data: bytes) -> Event:
        head = _AGREEMENT_HEAD.size
        count = int.from_bytes(data[head - 32 : head])
        self._check_lengths(topics, data, head + 64 * min(count, len(data)))
        words = self._unpack(topics)
        first, *static, second, _ = _AGREEMENT_HEAD.unpack_from(data)
        if int.from_bytes(first) != 32 or int.from_bytes(second) != head - 64:
            raise ValueError("an offset is not the canonical one")
        body = [data[at : at + 32] for at in range(head, len(data), 32)]
        if count > MAX_MILESTONES:
            raise ValueError(f"an agreement of {count} milestones, more than {MAX_MILESTONES}")
        milestones = tuple(
            _unchecked(Milestone, (int.from_bytes(amount), int.from_bytes(deadline)))
            for amount, deadline in zip(body[::2], body[1::2], strict=True)
        )
        values = [read(word) for read, word in zip(_AGREEMENT_FIELDS, static, strict=True)]
        parties = [read(word) for read, word in zip(self._converters, words, strict=True)]
        return self._make(*parties, _unchecked(Agreement, (*values, milestones)))

    def _check_lengths(self, topics: bytes, data: bytes, data_length: int) -> None:
        if len(topics) != self._topics_length:
            wanted = self._topics_length // 32
            raise ValueError(f"{len(topics) // 32} topics where there must be {wanted}")
        if len(data) != data_length:
            raise ValueError(f"{len(data)} bytes of data where there must be {data_length}")


# The agreement in the data: the offset of the struct, its static fields, the offset of the
# milestones within the struct, their number; then amount and deadline of each.
_AGREEMENT_HINTS: Final = get_type_hints(Agreement)
_AGREEMENT_FIELDS: Final = [
    _CONVERTERS[_AGREEMENT_HINTS[field.name]] for field in fields(Agreement)[:-1]
]
_AGREEMENT_HEAD: Final = Struct("32s" * (3 + len(_AGREEMENT_FIELDS)))
_LAYOUTS: Final[dict[bytes, _Layout]] = {topic0(event): _Layout(event) for event in EVENTS}


def _to_json(value: object) -> object:
    if isinstance(value, Reason):
        return value.name.lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, Agreement):
        return value.to_json()
    return value


def _malformed(log: Mapping[str, Any] | RawLog, why: str) -> NodeError:
    if isinstance(log, RawLog):
        place = f"log {log.log_index} of block {log.block_number}"
    else:
        place = f"log {log.get('logIndex')} of block {log.get('blockNumber')}"
    return NodeError(
        f"The node gave a malformed log ({place}): {why}.",
        "Ask another node, and check that the address is that of a milestone escrow.",
        code="malformed-log",
    )
