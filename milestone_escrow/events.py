"""From logs to typed events.

The events themselves are passed on from ``milestone_escrow.event_types``. As their indexed fields
come first, the topics and the data of a log are one row of 32-byte words in the order of the
fields; decoding is that row, cut. It checks every length, so that a log either is an event to the
byte or is refused.
"""

from __future__ import annotations

from binascii import unhexlify
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, make_dataclass
from functools import lru_cache
from itertools import starmap
from operator import itemgetter
from struct import Struct
from typing import Any, Final, NamedTuple, TypeVar, cast, get_type_hints

from milestone_escrow.agreement import MAX_MILESTONES, Agreement, Milestone
from milestone_escrow.checksums import checksummed, checksummed_text
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
    "decode_event",
    "decode_log",
    "decode_raw",
    "event_to_json",
    "parse_log",
    "parse_logs",
    "record_of",
    "signature",
    "topic0",
]


class RawLog(NamedTuple):
    """A log as the chain has it, in bytes.

    A tuple and no dataclass, as there is one for each log of a long history: it is made, compared
    and sent to another process in a fraction of the time.

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
    """Turn a log's hexadecimal into bytes without asking what it means; else as ``parse_logs``."""
    return parse_logs([log])[0]


def parse_logs(logs: Iterable[Mapping[str, Any]]) -> list[RawLog]:
    """Turn the hexadecimal of logs into bytes without asking what it means.

    Raises:
        NodeError: A field is missing, not hexadecimal or of the wrong length.
    """
    # Logs of one answer have blocks, transactions and deals in common: each text is read once.
    numbers, words, addresses = _Read(_number), _Read(_word), _Read(checksummed_text)
    word, make = words.__getitem__, tuple.__new__  # which takes half of the time of `RawLog(...)`
    raws: list[RawLog] = []
    log: Mapping[str, Any] = {}
    try:
        for log in logs:
            number, block_hash, tx_hash, index, address, topics, data = _FIELDS(log)
            timestamp = log.get("blockTimestamp")
            fields = (
                numbers[number],
                words[block_hash],
                words[tx_hash],
                numbers[index],
                None if timestamp is None else numbers[timestamp],
                addresses[address],
                b"".join(map(word, topics)),
                unhexlify(data[2:]),
            )
            raws.append(make(RawLog, fields))
    except (KeyError, TypeError, ValueError) as error:
        raise _malformed(log, f"a field is missing or not hexadecimal ({error!r})") from error
    return raws


def decode_event(raw: RawLog) -> Event | None:
    """Decode a log's bytes; None where topic 0 is none of the escrow's.

    Raises:
        NodeError: The number of topics, the length of the data, the padding of an address or a
            reason does not fit the event.
    """
    layout = _LAYOUTS.get(raw.topics[:32])
    if layout is None:
        return None
    try:
        return layout.decode(raw.topics, raw.data)
    except ValueError as error:
        raise _malformed(raw, f"as {layout.event.__name__} it has {error}") from error


def decode_raw(raw: RawLog) -> EventRecord | None:
    """Decode a log's bytes to the event and its place; else as ``decode_event``."""
    event = decode_event(raw)
    if event is None:
        return None
    return record_of(raw, event)


def record_of(raw: RawLog, event: Event) -> EventRecord:
    """Return an event with the place of its log."""
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


_FIELDS: Final = itemgetter(
    "blockNumber", "blockHash", "transactionHash", "logIndex", "address", "topics", "data"
)


class _Read(dict[str, _T]):
    """What texts mean, each found out once."""

    def __init__(self, read: Callable[[str], _T]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, text: str) -> _T:
        value = self[text] = self._read(text)
        return value


def _number(text: str) -> int:
    return int(text, 16)


def _word(text: str) -> bytes:
    if len(text) != 66:
        raise ValueError("a topic or a hash is not 32 bytes long")
    return unhexlify(text[2:])


_PADDING: Final = bytes(12)


@lru_cache(maxsize=1 << 12)
def _address(word: bytes) -> str:
    """Return the address in a word, checksummed."""
    if word[:12] != _PADDING:
        raise ValueError("an address is not padded with zeros")
    return checksummed(word[12:])


_REASONS: Final = {reason.to_bytes(32): reason for reason in Reason}


def _maker(kind: type[_T], readers: Sequence[Callable[[bytes], Any] | None]) -> Callable[..., _T]:
    """Return a function that makes a frozen dataclass of the words of its fields.

    A frozen class sets each field by a call, which takes three times as long as all of the
    decoding, and some check their values once more. So the instance is made of an equal class that
    does neither, field by field, and then told its own. The function is written out, as
    ``dataclasses`` does with ``__init__``: one that goes through its fields takes twice the time.

    Args:
        kind: The dataclass.
        readers: What reads the word of each field; None: the field is given as it is to be.
    """
    names = [each.name for each in fields(cast(Any, kind))]
    values = [
        f"    made.{name} = " + (name if reader is None else f"read_{name}({name})")
        for name, reader in zip(names, readers, strict=True)
    ]
    scope: dict[str, Any] = {
        "kind": kind,
        "new": object.__new__,
        "twin": make_dataclass(kind.__name__, names, slots=True),
        **{f"read_{name}": reader for name, reader in zip(names, readers, strict=True)},
    }
    exec(
        f"def make({', '.join(names)}):\n"
        "    made = new(twin)\n" + "\n".join(values) + "\n"
        "    made.__class__ = kind\n"
        "    return made",
        scope,
    )
    return cast(Callable[..., _T], scope["make"])


class _Reasons(dict[bytes, Reason]):
    """Reasons by their word."""

    def __missing__(self, word: bytes) -> Reason:
        raise ValueError(f"no reason has the number {int.from_bytes(word)}")


# How a word of 32 bytes becomes a field of each type.
_READERS: Final[dict[Any, Callable[[bytes], Any] | None]] = {
    str: _address,
    bytes: None,
    int: int.from_bytes,
    Reason: _Reasons({reason.to_bytes(32): reason for reason in Reason}).__getitem__,
}


class _Layout:
    """How the words of one event become its dataclass."""

    def __init__(self, event: type[Event]) -> None:
        hints = get_type_hints(event)
        words = [hint for hint in hints.values() if hint is not Agreement]
        self.event = event
        self.decode = self._decode_agreement if event is Opened else self._decode_words
        self._make: Callable[..., Event] = _maker(event, [*map(_READERS.get, hints.values())])
        self._topics_length = 32 * (1 + sum(indexed for _, _, indexed in abi_inputs(event)))
        self._data_length = 32 * (1 + len(words)) - self._topics_length
        self._unpack = Struct("32x" + "32s" * len(words)).unpack

    def _decode_words(self, topics: bytes, data: bytes) -> Event:
        if len(topics) != self._topics_length or len(data) != self._data_length:
            self._check_lengths(topics, data, self._data_length)
        return self._make(*self._unpack(topics + data))

    def _decode_agreement(self, topics: bytes, data: bytes) -> Event:
        head = _AGREEMENT_HEAD.size
        count = int.from_bytes(data[head - 32 : head])
        self._check_lengths(topics, data, head + 64 * min(count, len(data)))
        words = self._unpack(topics)
        first, *static, second, _ = _AGREEMENT_HEAD.unpack_from(data)
        if int.from_bytes(first) != 32 or int.from_bytes(second) != head - 64:
            raise ValueError("an offset is not the canonical one")
        if count > MAX_MILESTONES:
            raise ValueError(f"an agreement of {count} milestones, more than {MAX_MILESTONES}")
        milestones = tuple(starmap(_milestone, _MILESTONE.iter_unpack(data[head:])))
        return self._make(*words, _agreement(*static, milestones))

    def _check_lengths(self, topics: bytes, data: bytes, data_length: int) -> None:
        if len(topics) != self._topics_length:
            wanted = self._topics_length // 32
            raise ValueError(f"{len(topics) // 32} topics where there must be {wanted}")
        if len(data) != data_length:
            raise ValueError(f"{len(data)} bytes of data where there must be {data_length}")


# The agreement in the data: the offset of the struct, its static fields, the offset of the
# milestones within the struct, their number; then amount and deadline of each.
_AGREEMENT_HINTS: Final = get_type_hints(Agreement)
_AGREEMENT_READERS: Final = [
    _READERS.get(_AGREEMENT_HINTS[field.name]) for field in fields(Agreement)
]
_AGREEMENT_HEAD: Final = Struct("32s" * (2 + len(_AGREEMENT_READERS)))
_agreement: Final = _maker(Agreement, _AGREEMENT_READERS)
_MILESTONE: Final = Struct("32s32s")
_milestone: Final = _maker(Milestone, [int.from_bytes, int.from_bytes])
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
