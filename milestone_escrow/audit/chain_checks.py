"""The checks that ask a node: blocks, logs, receipts, storage, balances."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import fields, replace
from itertools import groupby
from typing import Any, Final, TypeVar

from milestone_escrow import artifacts
from milestone_escrow.audit.difference import Difference, Found, at_record
from milestone_escrow.audit.index_checks import Folded
from milestone_escrow.audit.node import NodeAt, headers, in_chunks, log_ranges, number_of, the_bytes
from milestone_escrow.audit.storage import (
    credit_slot,
    deal_slot,
    deal_word,
    milestone_slot,
    milestone_word,
)
from milestone_escrow.deal_state import Deal
from milestone_escrow.events import EventRecord, decode_log, event_to_json
from milestone_escrow.exceptions import StoreError
from milestone_escrow.indexer.reader import Reader

__all__ = [
    "check_balances",
    "check_blocks",
    "check_identity",
    "check_logs",
    "check_receipts",
    "check_storage",
]

_DEALS_AT_ONCE: Final = 50

_Item = TypeVar("_Item")


def check_identity(reader: Reader, node: NodeAt) -> None:
    """Compare chain, genesis and the contract's code with what the index is of.

    Raises:
        Found: They differ.
    """
    identity = reader.identity
    chain_id = number_of(node.rpc.call("eth_chainId"))
    _same("identity", "the chain id", identity.chain_id, chain_id)
    (genesis,) = headers(node.rpc, [0])
    _same("identity", "the hash of block 0", _hex(identity.genesis_hash), _hex(genesis.hash))
    artifact = artifacts.load("MilestoneEscrow")
    code = node.code(identity.escrow)
    if not artifact.matches(code):
        raise _found(
            "identity",
            f"the code at {identity.escrow}",
            f"{artifact.deployed_size} bytes of {artifact.contract} as {artifact.compiler} made it",
            f"{len(code)} bytes of other code",
        )


def check_blocks(records: Iterable[EventRecord], reader: Reader, node: NodeAt) -> int:
    """Compare hash and time of each block that has events, and of the last, with the node's.

    Returns:
        The number of blocks.

    Raises:
        Found: They differ.
    """
    count = 0
    known = dict(reader.block_hashes(node.header.number + 1, 1)).get(node.header.number)
    if known is not None:
        shown = _hex(known), _hex(node.header.hash)
        _same("blocks", "the block's hash", shown[1], shown[0], node.header.number)
    firsts = (next(group) for _, group in groupby(records, lambda each: each.block_number))
    for chunk in _chunks(firsts, 100):
        found = headers(node.rpc, [record.block_number for record in chunk])
        for record, header in zip(chunk, found, strict=True):
            if record.block_hash != header.hash:
                shown = _hex(header.hash), _hex(record.block_hash)
                raise at_record("blocks", "the hash of the event's block", *shown, record)
            if record.timestamp != header.timestamp:
                times = str(header.timestamp), str(record.timestamp)
                raise at_record("blocks", "the time of the event's block", *times, record)
        count += len(chunk)
    return count


def check_logs(records: Iterator[EventRecord], reader: Reader, node: NodeAt) -> int:
    """Compare every log that the node has of the escrow with the index's events, one by one.

    Returns:
        The number of events.

    Raises:
        Found: They differ.
    """
    identity, last = reader.identity, node.header.number
    count, strange = 0, 0
    before: EventRecord | None = None
    for log in log_ranges(node.rpc, identity.escrow, identity.from_block, last):
        expected = decode_log(log)
        if expected is None:
            strange += 1
            continue
        try:
            found = next(records, None)
        except StoreError as error:
            raise at_record(
                "logs", "the log", _shown(expected), error.sentence.rstrip("."), expected
            ) from error
        _compare_events("logs", expected, found, before)
        before, count = expected, count + 1
    rest = next(records, None)
    if rest is not None:
        raise at_record("logs", "the log", "none", _shown(rest), rest)
    unknown = [
        log
        for log in reader.unknown_logs(limit=10_000)
        if log.block_number <= last and log.address == identity.escrow
    ]
    _same("logs", "the number of logs that are no known event", strange, len(unknown))
    return count


def check_receipts(
    records: Iterable[EventRecord], escrow: str, node: NodeAt, deals: Collection[bytes] | None
) -> int:
    """Compare each transaction's receipt with its events in the index: all of them, in place.

    Returns:
        The number of transactions.

    Raises:
        Found: They differ.
    """
    groups = (list(group) for _, group in groupby(records, lambda each: each.tx_hash))
    count = 0
    for chunk in _chunks(groups, 100):
        wanted = [each for each in chunk if _is_about(each, deals)]
        if not wanted:
            continue
        answers = node.rpc.batch(
            [("eth_getTransactionReceipt", [_hex(each[0].tx_hash)]) for each in wanted]
        )
        for known, receipt in zip(wanted, answers, strict=True):
            _check_receipt(known, receipt, escrow)
        count += len(wanted)
    return count


def check_storage(
    folded: Folded, escrow: str, node: NodeAt, deals: Collection[bytes] | None
) -> int:
    """Compare the fold with the views and the raw storage of the contract.

    Returns:
        The number of storage words that were read.

    Raises:
        Found: They differ.
    """
    wanted = [
        deal for deal in folded.state.deals.values() if deals is None or deal.deal_id in deals
    ]
    words = 0
    for chunk in in_chunks(wanted, _DEALS_AT_ONCE):
        words += _check_deals(chunk, escrow, node)
    owners = sorted(folded.owners)
    views = node.credits(escrow, owners)
    slots = node.slots(escrow, [credit_slot(*each) for each in owners])
    for key, view, slot in zip(owners, views, slots, strict=True):
        expected = folded.state.credits.get(key, 0)
        token, owner = key
        _same("storage", f"the view credit of {owner} in {token}", expected, view)
        _same("storage", f"the stored credit of {owner} in {token}", expected, slot)
    return words + len(owners)


def check_balances(
    folded: Folded, escrow: str, node: NodeAt, *, allow_surplus: bool
) -> dict[str, int]:
    """Compare the contract's balances with what it owes: what milestones hold, and credits.

    Returns:
        The balances by token, raw units.

    Raises:
        Found: A balance is not what is owed, or with ``allow_surplus``, less.
    """
    tokens = sorted(folded.state.ledgers)
    balances = dict(zip(tokens, node.balances(escrow, tokens), strict=True))
    for token, balance in balances.items():
        owed = folded.state.held(token)
        if balance < owed or (balance > owed and not allow_surplus):
            raise _found(
                "balances",
                f"the contract's balance of {token}",
                f"{owed}, which is what it owes",
                f"{balance}, which is {abs(balance - owed)} {'more' if balance > owed else 'less'}",
                node.header.number,
            )
    return balances


# --- Inside


def _check_receipt(known: list[EventRecord], receipt: Any, escrow: str) -> None:
    first = known[0]
    if not isinstance(receipt, dict) or not isinstance(receipt.get("logs"), list):
        raise at_record("receipts", "the transaction's receipt", "a receipt", "none", first)
    status = receipt.get("status")
    if status != "0x1":
        raise at_record("receipts", "the transaction's status", "0x1", str(status), first)
    block_hash = the_bytes(receipt.get("blockHash"))
    if block_hash != first.block_hash:
        shown = _hex(first.block_hash), _hex(block_hash)
        raise at_record("receipts", "the block of the receipt", *shown, first)
    logs = [log for log in receipt["logs"] if str(log.get("address")).lower() == escrow.lower()]
    before: EventRecord | None = None
    events = [event for log in logs if (event := decode_log(log)) is not None]
    for number, expected in enumerate(events):
        found = known[number] if number < len(known) else None
        _compare_events("receipts", expected, found, before)
        before = expected
    if len(known) > len(events):
        rest = known[len(events)]
        raise at_record("receipts", "the log in the receipt", "none", _shown(rest), rest)


def _compare_events(
    check: str, expected: EventRecord, found: EventRecord | None, before: EventRecord | None
) -> None:
    """Compare an event of the node with the index's; the time is compared with the header's."""
    if found is None:
        raise at_record(check, "the log", _shown(expected), "none in the index", expected)
    if replace(expected, timestamp=None) == replace(found, timestamp=None):
        return
    place = found.block_number, found.log_index
    if place != (expected.block_number, expected.log_index):
        if before is not None and place <= (before.block_number, before.log_index):
            raise at_record(check, "the log", "none", _shown(found), found)
        if place > (expected.block_number, expected.log_index):
            raise at_record(check, "the log", _shown(expected), "none in the index", expected)
        raise at_record(check, "the log", "none", _shown(found), found)
    for name in ("tx_hash", "block_hash", "address"):
        one, other = getattr(expected, name), getattr(found, name)
        if one != other:
            shown = [_hex(each) if isinstance(each, bytes) else str(each) for each in (one, other)]
            raise at_record(check, f"{name} of the log", shown[0], shown[1], expected)
    if type(expected.event) is not type(found.event):
        raise at_record(check, "the log", _shown(expected), _shown(found), expected)
    for each in fields(expected.event):
        one, other = getattr(expected.event, each.name), getattr(found.event, each.name)
        if one != other:
            args = [_args(record)[each.name] for record in (expected, found)]
            what = f"{each.name} of the event {type(expected.event).__name__}"
            raise at_record(check, what, str(args[0]), str(args[1]), expected)


def _check_deals(deals: Sequence[Deal], escrow: str, node: NodeAt) -> int:
    milestones = [(deal.deal_id, i) for deal in deals for i in range(len(deal.milestones))]
    deal_views = node.deals(escrow, [deal.deal_id for deal in deals])
    milestone_views = iter(node.milestones(escrow, milestones))
    words = node.slots(
        escrow,
        [deal_slot(deal.deal_id) for deal in deals]
        + [milestone_slot(*each) for each in milestones],
    )
    deal_words, milestone_words = words[: len(deals)], iter(words[len(deals) :])
    for deal, view, word in zip(deals, deal_views, deal_words, strict=True):
        deal_id, expected = deal.deal_id, deal.view()
        for each in fields(expected):
            pair = getattr(expected, each.name), getattr(view, each.name)
            _same("storage", f"{each.name} in the view deal", *pair, None, deal_id)
        _same("storage", "the deal's word", hex(deal_word(deal)), hex(word), None, deal_id)
        for index, milestone in enumerate(deal.milestones):
            shown, stored = next(milestone_views), next(milestone_words)
            wanted = milestone.view()
            for name in ("status", "paid", "since"):
                pair = int(getattr(wanted, name)), getattr(shown, name)
                _same("storage", f"{name} in the view milestone", *pair, None, deal_id, index)
            pair = hex(milestone_word(milestone)), hex(stored)
            _same("storage", "the milestone's word", *pair, None, deal_id, index)
    return len(words)


def _is_about(records: list[EventRecord], deals: Collection[bytes] | None) -> bool:
    return deals is None or any(
        getattr(record.event, "deal_id", None) in deals for record in records
    )


def _chunks(items: Iterator[_Item], size: int) -> Iterator[list[_Item]]:
    chunk: list[_Item] = []
    for item in items:
        chunk.append(item)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _same(
    check: str,
    what: str,
    expected: object,
    found: object,
    block_number: int | None = None,
    deal_id: bytes | None = None,
    index: int | None = None,
) -> None:
    if expected != found:
        raise Found(
            Difference(check, what, str(expected), str(found), deal_id, index, block_number)
        )


def _found(
    check: str, what: str, expected: str, found: str, block_number: int | None = None
) -> Found:
    return Found(Difference(check, what, expected, found, block_number=block_number))


def _shown(record: EventRecord) -> str:
    args = ", ".join(
        f"{name} {value}" for name, value in _args(record).items() if name != "agreement"
    )
    return f"{type(record.event).__name__} ({args})"


def _args(record: EventRecord) -> dict[str, object]:
    args = event_to_json(record)["args"]
    return args if isinstance(args, dict) else {}


def _hex(value: bytes) -> str:
    return "0x" + value.hex()
