"""Events as the logs that a node gives, encoded by eth-abi: what decoding is held to."""

from __future__ import annotations

from typing import Any

from eth_abi.abi import encode

from milestone_escrow.agreement import Agreement
from milestone_escrow.events import EventRecord, abi_inputs, topic0


def to_log(record: EventRecord) -> dict[str, Any]:
    """Return the log that a node gives for a record, encoded by eth-abi."""
    event = record.event
    topics, types, values = [topic0(type(event))], [], []
    for name, abi_type, indexed in abi_inputs(type(event)):
        value = getattr(event, name)
        if isinstance(value, Agreement):
            value = value.as_tuple()
        if indexed:
            topics.append(encode([abi_type], [value]))
        else:
            types.append(abi_type)
            values.append(value)
    log: dict[str, Any] = {
        "address": record.address.lower(),
        "topics": ["0x" + topic.hex() for topic in topics],
        "data": "0x" + encode(types, values).hex(),
        "blockNumber": hex(record.block_number),
        "blockHash": "0x" + record.block_hash.hex(),
        "transactionHash": "0x" + record.tx_hash.hex(),
        "transactionIndex": "0x0",
        "logIndex": hex(record.log_index),
        "removed": False,
    }
    if record.timestamp is not None:
        log["blockTimestamp"] = hex(record.timestamp)
    return log
