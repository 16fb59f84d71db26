"""The events of the arbiter adapter: one frozen dataclass each, and their decoding.

The fields are those of ``contracts/interfaces``, in the library's spelling: ``_disputeID`` is
``dispute_id``, and the ``_evidenceGroupID`` is the ``case_id``. Fees are wei of the native coin.
``milestone_escrow.arbiter`` passes all of this on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, get_args

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError
from eth_utils.abi import collapse_if_tuple, event_abi_to_log_topic
from eth_utils.address import to_checksum_address

from milestone_escrow import artifacts
from milestone_escrow.exceptions import NodeError

__all__ = [
    "ADAPTER",
    "CaseEvent",
    "CaseRecord",
    "CreditPaid",
    "Credited",
    "Dispute",
    "Evidence",
    "Executed",
    "FeePaid",
    "MetaEvidence",
    "Ruling",
    "Submitted",
    "decode_case_log",
]

ADAPTER: Final = "ArbiterAdapter"


@dataclass(frozen=True, slots=True)
class FeePaid:
    """A side paid ``fee`` wei; the other pays before ``due``, unix seconds."""

    deal_id: bytes
    index: int
    actor: str
    case_id: int
    fee: int
    due: int


@dataclass(frozen=True, slots=True)
class Submitted:
    """The arbitrator got ``cost`` wei and the dispute; ``fee`` wei go back to the winner."""

    deal_id: bytes
    index: int
    case_id: int
    dispute_id: int
    cost: int
    fee: int


@dataclass(frozen=True, slots=True)
class Executed:
    """A case ended; ``ruled``: the escrow was told. The fees are the wei that were credited."""

    deal_id: bytes
    index: int
    case_id: int
    ruling: int
    ruled: bool
    freelancer_fee: int
    employer_fee: int


@dataclass(frozen=True, slots=True)
class Credited:
    """``amount`` wei wait for ``owner``, ``credit`` with what waited before."""

    owner: str
    amount: int
    credit: int


@dataclass(frozen=True, slots=True)
class CreditPaid:
    """An owner took its whole credit, ``amount`` wei."""

    owner: str
    receiver: str
    amount: int


@dataclass(frozen=True, slots=True)
class MetaEvidence:
    """ERC-1497: the URI that explains every case, told at the deployment."""

    meta_evidence_id: int
    evidence: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """ERC-1497: a party's evidence, a URI."""

    arbitrator: str
    case_id: int
    party: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Dispute:
    """ERC-1497: the arbitrator's dispute of a case."""

    arbitrator: str
    dispute_id: int
    meta_evidence_id: int
    case_id: int


@dataclass(frozen=True, slots=True)
class Ruling:
    """ERC-792: the arbitrator ruled, see ``RULINGS``."""

    arbitrator: str
    dispute_id: int
    ruling: int


CaseEvent = (
    FeePaid
    | Submitted
    | Executed
    | Credited
    | CreditPaid
    | MetaEvidence
    | Evidence
    | Dispute
    | Ruling
)


@dataclass(frozen=True, slots=True)
class CaseRecord:
    """An event of an adapter, and its place on the chain."""

    event: CaseEvent
    block_number: int
    log_index: int


def decode_case_log(log: Mapping[str, Any]) -> CaseRecord | None:
    """Return the event of a JSON-RPC log of an adapter, None for an unknown one.

    Raises:
        NodeError: the log is malformed (``malformed-log``).
    """
    topics = [bytes.fromhex(topic[2:]) for topic in log["topics"]]
    if not topics or topics[0] not in _events():
        return None
    event, indexed, plain = _events()[topics[0]]
    try:
        words = [decode([kind], topic)[0] for kind, topic in zip(indexed, topics[1:], strict=True)]
        words += decode(plain, bytes.fromhex(log["data"][2:]))
    except (DecodingError, UnicodeDecodeError, ValueError) as error:
        raise NodeError(
            f"The node gave a log that is no {event.__name__}.",
            "Ask another node, and check the address of the adapter.",
            code="malformed-log",
        ) from error
    kinds = (*indexed, *plain)
    values = [
        to_checksum_address(word) if kind == "address" else word
        for kind, word in zip(kinds, words, strict=True)
    ]
    return CaseRecord(event(*values), int(log["blockNumber"], 16), int(log["logIndex"], 16))


@cache
def _events() -> dict[bytes, tuple[type[Any], list[str], list[str]]]:
    """Return the class and the ABI types, the indexed ones first, of each event by its topic."""
    classes = {kind.__name__: kind for kind in get_args(CaseEvent)}
    found = {}
    for entry in artifacts.load(ADAPTER).abi:
        if entry["type"] == "event":
            types = [(collapse_if_tuple(field), field["indexed"]) for field in entry["inputs"]]
            event: Any = entry
            found[event_abi_to_log_topic(event)] = (
                classes[entry["name"]],
                [kind for kind, indexed in types if indexed],
                [kind for kind, indexed in types if not indexed],
            )
    return found
