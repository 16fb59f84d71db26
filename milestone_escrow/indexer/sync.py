"""From nodes to the three words that the store understands: batch, finalize, reorg.

``Sync.steps`` goes from the checkpoint to the head. It trusts nothing that it can compare: the last
stored block with the node's at that height, the parent hash of every block or range with the hash
of what went before, the block hash in each log with the block's, the head before with the head
after, the filters in headers with the logs, and one node with another where there are several.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from typing import Any, Final

from milestone_escrow.exceptions import DeploymentError, NodeError
from milestone_escrow.indexer.collecting import rarely_collected
from milestone_escrow.indexer.endpoints import Endpoints
from milestone_escrow.indexer.ranges import (
    HEADERS_AT_ONCE,
    Pace,
    Read,
    Seal,
    batches,
    check_follows,
    compare_seals,
    header_call,
)
from milestone_escrow.indexer.ranges_newest import confirmed, logs_call, read_block
from milestone_escrow.indexer.ranges_process import Beside
from milestone_escrow.indexer.ranges_threads import Threads
from milestone_escrow.indexer.rpc import RpcCall
from milestone_escrow.indexer.sync_steps import (
    RECENT,
    Batch,
    Finalize,
    Header,
    Identity,
    Known,
    Reorg,
    Step,
    Unsteady,
    joined,
    parse_header,
)

__all__ = ["RECENT", "Batch", "Finalize", "Header", "Identity", "Known", "Reorg", "Step", "Sync"]

# Asking again, or somebody else, does not help.
_FATAL: Final = ("final-block-replaced", "node-not-answering")
_RESTARTS: Final = 10  # without getting any further, because the chain changed under it
_FIRST_PAUSE: Final = 0.02  # seconds before the second restart; doubled after each
_LONGEST_PAUSE: Final = 1.0
_WRITTEN_AT_ONCE: Final = 4_000  # logs, where so many are there
# Their chains can be taken back; those of others only grow, or are replaced.
_DEVELOPMENT: Final = ("anvil", "hardhat", "ganache", "edr")


class Sync:
    """Reads the logs of one escrow, and of the notes beside it.

    Attributes:
        addresses: The contracts'.
        head: The node's last block when ``steps`` began; None before.
    """

    def __init__(
        self,
        client: Endpoints,
        addresses: Sequence[str],
        from_block: int,
        *,
        finality: str = "finalized",
        confirmations: int | None = None,
        executor: Executor | None = None,
        reader: Callable[[Sequence[str]], Read] | None = None,
        require: Callable[[Identity], None] | None = None,
    ) -> None:
        """Remember what to read.

        Args:
            client: The nodes.
            addresses: The escrow's, checksummed, and those of the contracts beside it.
            from_block: The block to begin with.
            finality: The node's word for blocks that cannot be replaced: finalized or safe.
            confirmations: Blocks after one that make it final, where the node has no such word;
                None: there nothing is final.
            executor: Where old ranges are read; None: here, in a process of their own if that pays.
            reader: Makes what reads a range of some contracts there; None: over ``client``.
            require: Raises if the chain is another than that of the store; called when it may be.
        """
        self._client = client
        self.addresses = tuple(addresses)
        self._from_block = from_block
        self._finality = finality
        self._confirmations = confirmations
        self._threads = Threads("ranges")
        self._executor = self._threads if executor is None else executor
        self._reader = reader
        self._require = require
        self._seen: tuple[Any, Any] | None = None  # head and final block, from the identification
        self._pace = Pace()
        self._development = False
        self.head: Header | None = None

    def identify(self) -> Identity:
        """Return which chain this is.

        Raises:
            NodeError: The node does not answer, or another serves another chain
                (``nodes-disagree``).
            DeploymentError: There is no contract at the escrow's address.
        """
        *who, latest, final = self._client.batch_or_none(
            [
                ("eth_chainId", []),
                header_call(0),
                ("eth_getCode", [self.addresses[0], "latest"]),
                ("web3_clientVersion", []),
                *self._tips(),
            ]
        )
        self._seen = latest, final
        return self._identified(who)

    def close(self) -> None:
        """Let its threads end; what it is asked afterwards starts others."""
        self._threads.shutdown()

    def steps(
        self,
        known: Known,
        *,
        to_block: int | None = None,
        header: Header | None = None,
    ) -> Iterator[Step]:
        """Yield what happened from the checkpoint to the head; apply each before asking on.

        Args:
            known: What is stored.
            to_block: Go no further than this block; None: to the head.
            header: A head that the node has just told; where it follows the checkpoint, one
                request is enough.

        Raises:
            NodeError: The node does not answer, contradicts itself or another again and again
                (``chain-unsteady``, ``nodes-disagree``, ``logs-withheld``), is behind the index
                (``node-behind``), or replaced a final block (``final-block-replaced``).
            StoreError: The chain is another than before (``chain-restarted``).
        """
        trouble: NodeError | None = None
        furthest, restarts = -1, 0
        while restarts < _RESTARTS:
            if restarts > 1:
                time.sleep(min(_FIRST_PAUSE * 2 ** (restarts - 2), _LONGEST_PAUSE))
            try:
                steps = (
                    self._to_head(known, to_block)
                    if header is None
                    else self._one_more(known, header)
                )
                for step in steps:
                    yield step
                    if isinstance(step, Batch) and step.to_block > furthest:
                        furthest, restarts = step.to_block, 0
            except NodeError as error:
                trouble, header = error, None
                if isinstance(error, Unsteady):
                    # Twice, since it is no fault of a node that the chain changes.
                    if restarts % 2:
                        self._client.switch(error)
                elif error.code in _FATAL or not self._client.switch(error):
                    raise
                restarts += 1
                continue
            return
        assert trouble is not None
        raise trouble

    # --- Which chain

    def _tips(self) -> list[RpcCall]:
        return [
            ("eth_getBlockByNumber", ["latest", False]),
            ("eth_getBlockByNumber", [self._finality, False]),
        ]

    def _identified(self, answers: Sequence[Any]) -> Identity:
        chain_id, genesis, code, version = answers
        name = self._client.name
        if not isinstance(chain_id, str):
            raise NodeError(
                f"The node at {name} does not say which chain it serves.",
                "Check that it is an Ethereum node.",
                code="node-refused",
            )
        identity = Identity(int(chain_id, 16), parse_header(genesis, name, 0).hash)
        if self._require is not None and self.head is not None:
            self._require(identity)  # a restarted chain has no contract yet
        if not code or code == "0x":
            raise DeploymentError(
                f"There is no contract at {self.addresses[0]} on the chain of {name}.",
                "Check the address and the node, or deploy the escrow first.",
                code="no-contract",
            )
        self._client.agree([(0, identity.genesis_hash)])
        self._development = any(word in str(version).lower() for word in _DEVELOPMENT)
        return identity

    # --- From the checkpoint to the head

    def _to_head(self, known: Known, to_block: int | None) -> Iterator[Step]:
        client = self._client
        number, block_hash = known.checkpoint()
        if self._seen is not None and block_hash is None:  # just asked for, and nothing stored
            latest, final = self._seen
            same = None
        else:
            latest, final, same = client.batch_or_none([*self._tips(), header_call(max(number, 0))])
        self._seen = None
        head = parse_header(latest, client.name)
        again, self.head = self.head is not None, head
        if head.number < number and block_hash is not None:
            self._check_behind(known, head, number)
        there = None if same is None else parse_header(same, client.name, max(number, 0))
        if there is not None and (
            there.number > head.number or (there.number == head.number and there != head)
        ):
            raise Unsteady(
                f"The node at {client.name} says that block {head.number} is its last, and has "
                "another there, or a later one.",
                "Wait until the node has synced, or use another one.",
            )
        changed = block_hash is not None and (there is None or there.hash != block_hash)
        if changed or (again and block_hash is None):
            self.identify()
            self._seen = None
        places = [(head.number, head.hash)]
        if there is not None:
            places.append((there.number, there.hash))
        client.agree(places)
        if changed:
            reorg = self._common_ancestor(known, number)
            yield reorg
            number, block_hash = reorg.ancestor, reorg.ancestor_hash
        yield from self._blocks(number + 1, block_hash, head, to_block)
        yield from self._final(known, final, head)

    def _blocks(
        self, first: int, parent: bytes | None, head: Header, to_block: int | None
    ) -> Iterator[Batch]:
        """Yield the blocks up to the head: old ones by ranges, recent ones each compared."""
        client = self._client
        last = head.number if to_block is None else min(to_block, head.number)
        last_old = min(head.number - RECENT, last)
        with rarely_collected(), Beside(client, self.addresses, last) as beside:
            found = batches(
                first,
                last_old,
                head,
                last,
                old=(self._reader(self.addresses) if self._reader else beside, self._executor),
                recent=(beside, self._threads),
                check=self._check_seals,
                pace=self._pace,
            )
            together: list[Batch] = []
            try:
                for batch, more in found:
                    if parent is not None:
                        check_follows(batch.headers[0], parent, client)
                    together.append(confirmed(client, self.addresses, batch, head.number))
                    parent = batch.headers[-1].hash
                    # A deal that is written once, not with each range, costs less.
                    if not more or sum(len(each.logs) for each in together) >= _WRITTEN_AT_ONCE:
                        yield joined(together)
                        together.clear()
            except NodeError:
                if together:  # asked for again, they could fail again
                    yield joined(together)
                raise
            if together:
                yield joined(together)

    def _check_seals(self, seals: Sequence[Seal]) -> None:
        for at in range(0, len(seals), HEADERS_AT_ONCE):
            part = seals[at : at + HEADERS_AT_ONCE]
            blocks = self._client.batch([header_call(seal.number) for seal in part])
            compare_seals(self._client, part, blocks)

    def _one_more(self, known: Known, header: Header) -> Iterator[Step]:
        """Yield the one block that a node has just told, if it is the next; else all there is."""
        client = self._client
        number, block_hash = known.checkpoint()
        if header.number != number + 1 or header.parent_hash != block_hash:
            yield from self._to_head(known, None)
            return
        self.head = header
        found, final = client.batch_or_none(
            [
                logs_call(header, self.addresses),
                ("eth_getBlockByNumber", [self._finality, False]),
            ]
        )
        client.agree([(header.number, header.hash)])
        yield read_block(client, self.addresses, header, found)
        yield from self._final(known, final, header)

    # --- What is no longer the chain's, and what will always be

    def _check_behind(self, known: Known, head: Header, checkpoint: int) -> None:
        """Refuse to go back because a node is late: only a development chain becomes shorter."""
        if self._development:
            return
        stored = known.block_hashes(head.number + 1, 1)
        number, block_hash = stored[0] if stored else (head.number, head.hash)
        if number != head.number:
            (block,) = self._client.batch([header_call(number)])
            head = parse_header(block, self._client.name, number)
        if head.hash == block_hash:
            raise Unsteady(
                f"The node at {self._client.name} is behind the index: it has not seen block "
                f"{checkpoint} yet.",
                "Wait until the node has synced, or use another one.",
                code="node-behind",
            )

    def _common_ancestor(self, known: Known, checkpoint: int) -> Reorg:
        """Return the highest stored block that the node has too."""
        client = self._client
        reorg = Reorg(self._from_block - 1, None)
        below, found = checkpoint, False
        while not found and (stored := known.block_hashes(below, HEADERS_AT_ONCE)):
            below = stored[-1][0]
            blocks = client.batch([header_call(number) for number, _ in stored])
            for (number, block_hash), block in zip(stored, blocks, strict=True):
                if block is not None and parse_header(block, client.name).hash == block_hash:
                    reorg, found = Reorg(number, block_hash), True
                    break
        final = known.final_block()
        if final is not None and reorg.ancestor < final:
            raise NodeError(
                f"The node at {client.name} has another block {final} than the index, which "
                "took that one as final.",
                "Check that it is the right node; if it is, index again with --reset.",
                code="final-block-replaced",
            )
        return reorg

    def _final(self, known: Known, tagged: Any, head: Header) -> Iterator[Finalize]:
        """Yield up to where blocks can no longer be replaced, if that is further than before."""
        final = None if tagged is None else parse_header(tagged, self._client.name).number
        # A development node may call its head final; it tells nothing by that.
        if final is None or final >= head.number:
            if self._confirmations is None:
                return
            final = head.number - self._confirmations
        final = min(final, known.checkpoint()[0])
        before = known.final_block()
        if before is None or final > before:
            yield Finalize(final)
