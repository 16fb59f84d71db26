"""The newest blocks, of which a node may know the header before it finds the logs.

They are asked for by their hash, which a node that lags refuses; so is the last recent block with
logs, where an answer that was cut short ends. Where the filter in the header says that there may be
a log and none comes, the receipts decide.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from operator import attrgetter
from typing import Any, Final

from milestone_escrow.events import RawLog
from milestone_escrow.indexer.ranges import HEADERS_AT_ONCE, checked_logs, with_times
from milestone_escrow.indexer.rpc import Client, RpcCall
from milestone_escrow.indexer.sync_bloom import bloom_mask, chance_of_error, may_hold
from milestone_escrow.indexer.sync_steps import RECENT, Batch, Header, Unsteady

__all__ = ["NEWEST", "confirmed", "logs_call", "read_block"]

NEWEST: Final = 8  # blocks, the head the last of them
_DOUBTFUL: Final = 0.02  # a filter that errs more often than this proves nothing about old blocks
_RECEIPTS_AT_ONCE: Final = 10  # blocks
_NUMBER: Final = attrgetter("block_number")


def logs_call(header: Header, addresses: Sequence[str]) -> RpcCall:
    """Return the call that asks for the logs of a block by its hash."""
    address = addresses[0] if len(addresses) == 1 else list(addresses)
    return "eth_getLogs", [{"blockHash": "0x" + header.hash.hex(), "address": address}]


def read_block(client: Client, addresses: Sequence[str], header: Header, found: Any) -> Batch:
    """Return one block, of which ``logs_call`` brought this.

    Raises:
        Unsteady: The node does not know the block, or keeps logs back.
        NodeError: It gave what cannot be.
    """
    logs, foreign = _logs_of(client, addresses, header, found)
    if not logs and _flagged(header, addresses):
        _check_receipts(client, addresses, [header])
    return Batch(header.number, header.number, (header,), tuple(logs), foreign)


def confirmed(client: Client, addresses: Sequence[str], batch: Batch, head: int) -> Batch:
    """Return a batch whose newest blocks, and others in doubt, were read by hash.

    Raises:
        Unsteady: The node contradicts itself, or keeps logs back.
        NodeError: It does not answer, or gave what cannot be.
    """
    with_logs = {*map(_NUMBER, batch.logs)}
    newest, recent = head - NEWEST, head - RECENT
    last = batch.logs[-1].block_number if batch.logs else None
    doubtful = [
        header
        for header in batch.headers
        if header.number > newest
        or (header.number == last and last > recent)
        or (
            header.number not in with_logs
            and _flagged(header, addresses)
            and (header.number > recent or _tells(header))
        )
    ]
    if not doubtful:
        return batch
    by_block = {number: [*logs] for number, logs in groupby(batch.logs, _NUMBER)}
    empty: list[Header] = []
    for at in range(0, len(doubtful), HEADERS_AT_ONCE):
        part = doubtful[at : at + HEADERS_AT_ONCE]
        answers = client.batch_or_none([logs_call(header, addresses) for header in part])
        for header, found in zip(part, answers, strict=True):
            logs, _ = _logs_of(client, addresses, header, found)
            # By its number a node that lags gives fewer logs than by its hash, never others.
            if not set(by_block.get(header.number, ())) <= set(logs):
                raise _unsteady(client)
            by_block[header.number] = logs
            if not logs and _flagged(header, addresses):
                empty.append(header)
    _check_receipts(
        client,
        addresses,
        [header for header in empty if header.number > newest or _tells(header)],
    )
    logs = [log for number in sorted(by_block) for log in by_block[number]]
    return replace(batch, logs=tuple(logs))


def _logs_of(
    client: Client, addresses: Sequence[str], header: Header, found: Any
) -> tuple[list[RawLog], int]:
    if found is None:
        raise _unsteady(client)
    logs, foreign = checked_logs(client, addresses, header.number, header.number, [header], found)
    return with_times(client, [header], logs), foreign


def _flagged(header: Header, addresses: Sequence[str]) -> bool:
    return may_hold(header.bloom, tuple(map(bloom_mask, addresses)))


def _tells(header: Header) -> bool:
    return header.bloom is not None and chance_of_error(header.bloom) < _DOUBTFUL


def _check_receipts(client: Client, addresses: Sequence[str], headers: Sequence[Header]) -> None:
    """See that blocks without logs have none in their receipts either.

    Raises:
        Unsteady: One has, or the node does not know the block any more.
    """
    ours = {address.lower() for address in addresses}
    for at in range(0, len(headers), _RECEIPTS_AT_ONCE):
        part = headers[at : at + _RECEIPTS_AT_ONCE]
        found = client.batch_or_none(
            [("eth_getBlockReceipts", ["0x" + header.hash.hex()]) for header in part]
        )
        for header, receipts in zip(part, found, strict=True):
            if receipts is None:  # not every node has this call
                receipts = _one_by_one(client, header)
            if any(
                log["address"].lower() in ours
                for receipt in receipts
                for log in receipt.get("logs", ())
            ):
                raise Unsteady(
                    f"The node at {client.name} keeps back logs of block {header.number} that "
                    "stand in its receipts.",
                    "Use another node, or several with --rpc.",
                    code="logs-withheld",
                )


def _one_by_one(client: Client, header: Header) -> list[dict[str, Any]]:
    """Return the receipts of a block, each asked for by its transaction."""
    (block,) = client.batch_or_none([("eth_getBlockByHash", ["0x" + header.hash.hex(), False])])
    if block is None:
        raise _unsteady(client)
    hashes = block.get("transactions", ())
    receipts: list[dict[str, Any]] = []
    for at in range(0, len(hashes), HEADERS_AT_ONCE):
        part = hashes[at : at + HEADERS_AT_ONCE]
        receipts += client.batch([("eth_getTransactionReceipt", [each]) for each in part])
    if None in receipts:
        raise _unsteady(client)
    return receipts


def _unsteady(client: Client) -> Unsteady:
    return Unsteady(
        f"The node at {client.name} does not say the same twice about its newest blocks.",
        "Wait until the node has synced, or use another one.",
    )
