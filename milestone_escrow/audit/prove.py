"""Making proofs from what a node gives; each is checked before it is handed out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import rlp

from milestone_escrow.agreement import Agreement
from milestone_escrow.audit.headers import header_rlp
from milestone_escrow.audit.node import in_chunks, number_of, the_bytes
from milestone_escrow.audit.proof_check import check, claims_of
from milestone_escrow.audit.proof_file import Proof, Slot, TransactionProof, write_proof
from milestone_escrow.audit.receipts import receipt_rlp
from milestone_escrow.audit.storage import credit_slot, deal_slot, milestone_slot
from milestone_escrow.audit.tries import block_trie, proof_of
from milestone_escrow.events import decode_log
from milestone_escrow.exceptions import NodeError, UsageError
from milestone_escrow.indexer.rpc import Rpc, RpcCall

__all__ = ["prove_deal", "prove_transaction"]


def prove_deal(
    rpc: Rpc,
    escrow: str,
    chain_id: int,
    deal_id: bytes,
    agreement: Agreement,
    *,
    indexes: Sequence[int] | None = None,
    credit_owners: Sequence[str] = (),
    block: int | None = None,
) -> bytes:
    """Return the file that proves what the contract stores of a deal.

    Args:
        rpc: A node that has ``eth_getProof`` for the block.
        escrow: The contract, checksummed.
        chain_id: The one in the deal's id.
        deal_id: The deal.
        agreement: The deal's.
        indexes: Milestones to prove; None: all.
        credit_owners: Whose credit in the deal's token to prove, too; checksummed.
        block: At the end of this block; None: the latest.

    Raises:
        UsageError: The agreement has no such milestone.
        NodeError: The node gives no proof (``no-proof``), or what it gives proves nothing.
        ProofError: What it gives contradicts itself.
    """
    count = len(agreement.milestones)
    chosen = range(count) if indexes is None else list(dict.fromkeys(indexes))
    if any(not 0 <= index < count for index in chosen):
        raise UsageError(
            f"The deal has the milestones 0 to {count - 1}.", "Give one of those.", code="no-index"
        )
    slots = [
        Slot("deal", deal_id),
        *(Slot("milestone", deal_id, index) for index in chosen),
        *(
            Slot("credit", token=agreement.token, owner=owner)
            for owner in dict.fromkeys(credit_owners)
        ),
    ]
    header, number, block_hash = _block(rpc, "latest" if block is None else hex(block))
    by_hash = {"blockHash": "0x" + block_hash.hex()}
    keys = [f"0x{_place(slot):064x}" for slot in slots]
    answer = _proof_at(rpc, [escrow, keys], by_hash, number)
    code = the_bytes(rpc.call("eth_getCode", escrow, by_hash))
    proof = Proof(
        escrow,
        header,
        ((chain_id, agreement),),
        account=_nodes(answer["accountProof"]),
        code=code,
        slots=tuple(
            Slot(
                slot.kind,
                slot.deal_id,
                slot.index,
                slot.token,
                slot.owner,
                _nodes(given["proof"]),
            )
            for slot, given in zip(slots, answer["storageProof"], strict=True)
        ),
    )
    return _checked(proof, block_hash)


def prove_transaction(
    rpc: Rpc,
    escrow: str,
    chain_id: int,
    tx_hash: bytes,
    agreement_of: Callable[[bytes], Agreement | None],
) -> bytes:
    """Return the file that proves the escrow's events in a transaction.

    All receipts and all raw transactions of its block are asked for: the tries are made again from
    them, and their roots must be the header's.

    Args:
        rpc: A node that gives raw transactions.
        escrow: The contract, checksummed.
        chain_id: The one in the deals' ids.
        tx_hash: The transaction.
        agreement_of: Gives a deal's agreement, None where it is not known: then that its id is
            the hash of it is not part of the proof.

    Raises:
        UsageError: The node knows no such mined transaction (``no-transaction``).
        NodeError: The node does not give raw transactions (``no-raw-transactions``), or what it
            gives is not what the header says (``strange-block``).
    """
    shown = "0x" + tx_hash.hex()
    found = rpc.call("eth_getTransactionReceipt", shown)
    if found is None:
        raise UsageError(
            f"The node knows no mined transaction {shown}.",
            "Check the hash and the chain.",
            code="no-transaction",
        )
    position = number_of(found["transactionIndex"])
    named = _named(found, escrow)
    header, _, block_hash = _block(rpc, found["blockHash"])
    block = rpc.call("eth_getBlockByHash", found["blockHash"], False)
    hashes: list[str] = block["transactions"]
    transactions = block_trie(_raw_transactions(rpc, hashes))
    receipts = block_trie([receipt_rlp(each) for each in _receipts(rpc, hashes)])
    for name, trie, root in (
        ("transactions", transactions, block["transactionsRoot"]),
        ("receipts", receipts, block["receiptsRoot"]),
    ):
        if trie.root_hash != the_bytes(root):
            raise NodeError(
                f"The {name} that the node gives are not those of the block's header.",
                "Ask another node; on a chain with transactions of its own kind, this cannot be "
                "proved.",
                code="strange-block",
            )
    key = rlp.encode(position)
    proof = Proof(
        escrow,
        header,
        tuple((chain_id, each) for each in map(agreement_of, named) if each is not None),
        transaction=TransactionProof(
            position, tuple(proof_of(transactions, key)), tuple(proof_of(receipts, key))
        ),
    )
    return _checked(proof, block_hash)


def _checked(proof: Proof, block_hash: bytes) -> bytes:
    content = write_proof(proof, claims_of(proof))
    check(content, block_hash)
    return content


def _named(receipt: dict[str, Any], escrow: str) -> list[bytes]:
    """Return the deals that the escrow's events in a receipt name, each once."""
    logs = (log for log in receipt["logs"] if str(log.get("address")).lower() == escrow.lower())
    records = (record for log in logs if (record := decode_log(log)) is not None)
    deal_ids = (getattr(record.event, "deal_id", None) for record in records)
    return list(dict.fromkeys(deal_id for deal_id in deal_ids if deal_id is not None))


def _nodes(given: Sequence[object]) -> tuple[bytes, ...]:
    """Return a node's proof; of an empty trie some give its root, which proves nothing more."""
    nodes = tuple(the_bytes(node) for node in given)
    return () if nodes == (b"\x80",) else nodes


def _place(slot: Slot) -> int:
    match slot.kind:
        case "deal":
            return deal_slot(slot.deal_id)
        case "milestone":
            return milestone_slot(slot.deal_id, slot.index)
        case _:
            return credit_slot(slot.token, slot.owner)


def _block(rpc: Rpc, which: str) -> tuple[bytes, int, bytes]:
    """Return a block's header as RLP, its number and its hash."""
    by_hash = len(which) == 66
    block = rpc.call("eth_getBlockByHash" if by_hash else "eth_getBlockByNumber", which, False)
    if not isinstance(block, dict):
        raise NodeError(
            "The node has no such block.", "Give a block that is mined.", code="no-block"
        )
    return header_rlp(block), number_of(block["number"]), the_bytes(block["hash"])


def _proof_at(rpc: Rpc, params: list[object], by_hash: object, number: int) -> dict[str, Any]:
    """Return the answer of ``eth_getProof``; some nodes take a block's number only."""
    for block in (by_hash, hex(number)):
        (answer,) = rpc.batch_or_none([("eth_getProof", [*params, block])])
        if isinstance(answer, dict) and {"accountProof", "storageProof"} <= answer.keys():
            return answer
    raise NodeError(
        f"The node gives no proof of the state at the end of block {number}.",
        "Use a node that has eth_getProof and keeps the state of that block, or a later block.",
        code="no-proof",
    )


def _raw_transactions(rpc: Rpc, hashes: Sequence[str]) -> list[bytes]:
    raws: list[bytes] = []
    for chunk in in_chunks(hashes):
        calls: list[RpcCall] = [("eth_getRawTransactionByHash", [each]) for each in chunk]
        answers = rpc.batch_or_none(calls)
        if None in answers:
            raise NodeError(
                "The node does not give raw transactions (eth_getRawTransactionByHash).",
                "Use another node, such as Anvil, Geth or Reth.",
                code="no-raw-transactions",
            )
        raws += [the_bytes(answer) for answer in answers]
    return raws


def _receipts(rpc: Rpc, hashes: Sequence[str]) -> list[dict[str, Any]]:
    receipts: list[dict[str, Any]] = []
    for chunk in in_chunks(hashes):
        receipts += rpc.batch([("eth_getTransactionReceipt", [each]) for each in chunk])
    return receipts
