"""Several nodes of one chain: they stand in for each other, and one checks what another says."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from milestone_escrow.exceptions import NodeError
from milestone_escrow.indexer.rpc import LONGEST, Rpc, RpcCall, TooMuch
from milestone_escrow.indexer.sync_steps import Header, Unsteady, parse_header

__all__ = ["Endpoints"]

_Answer = TypeVar("_Answer")


class Endpoints:
    """Nodes, of which one is asked until it fails, then the next.

    Its methods may be called from several threads.

    Attributes:
        nodes: In the order in which they stand in for each other.
        urls: Theirs, which may hold secrets.
        timeout: Seconds to wait for an answer.
        switches: Times that another one was taken.
        silent: Names of those that did not answer the last comparison.
        highest: Number of the highest head that any of them told in it; None before the first.
    """

    def __init__(
        self,
        urls: Sequence[str],
        *,
        timeout: float = 30.0,
        changed: Callable[[str, NodeError], None] | None = None,
    ) -> None:
        """Remember the nodes.

        Args:
            urls: Of HTTP, at least one.
            timeout: Seconds to wait for an answer.
            changed: Called with the name of the node that is asked from now on, and why.

        Raises:
            NodeError: A URL is not one of HTTP.
        """
        if not urls:
            raise NodeError(
                "No node is given.", "Give the URL of one, or of several.", code="node-url"
            )
        self.urls = tuple(dict.fromkeys(urls))
        self.timeout = timeout
        self.nodes = tuple(Rpc(url, timeout=timeout) for url in self.urls)
        self.switches = 0
        self.silent: tuple[str, ...] = ()
        self.highest: int | None = None
        self._changed = changed
        self._at = 0
        self._lock = threading.Lock()

    def close(self) -> None:
        """Close all connections."""
        for node in self.nodes:
            node.close()

    @property
    def at(self) -> int:
        """Where in ``nodes`` the node stands that is asked."""
        return self._at

    @property
    def name(self) -> str:
        """The harmless part of the URL of the node that is asked."""
        return self.nodes[self._at].name

    @property
    def requests(self) -> int:
        """HTTP requests sent so far, to all of them."""
        return sum(node.requests for node in self.nodes)

    @property
    def retries(self) -> int:
        """Those of them that repeated another."""
        return sum(node.retries for node in self.nodes)

    def batch(self, calls: Sequence[RpcCall], longest: int = LONGEST) -> list[Any]:
        """Return the results of calls that are sent together to one node, in their order.

        Raises:
            TooMuch: The node cannot answer so much at once, or it is more than ``longest`` bytes.
            NodeError: None of the nodes answers, or they refuse.
        """
        return self._ask(lambda node: node.batch(calls, longest))

    def batch_or_none(self, calls: Sequence[RpcCall]) -> list[Any]:
        """As ``batch``, with None for what the node refuses."""
        return self._ask(lambda node: node.batch_or_none(calls))

    def switch(self, why: NodeError) -> bool:
        """Ask another node from now on; return whether there is one."""
        return self._switch(self._at, why)

    def agree(self, places: Sequence[tuple[int, bytes]]) -> None:
        """See that the other nodes have these blocks too, where they have any at that height.

        Args:
            places: (number, hash) of blocks.

        Raises:
            Unsteady: One has another block there (``nodes-disagree``).
        """
        if len(self.nodes) == 1:
            return
        silent: list[str] = []
        heads: list[int] = []
        asked = self._at
        highest = max(number for number, _ in places)
        for at, node in enumerate(self.nodes):
            if at == asked:
                continue
            try:
                theirs = _headers(node, [number for number, _ in places])
                heads.append(theirs[-1].number)
            except NodeError:
                silent.append(node.name)
                continue
            known = dict(places)
            if theirs[-1].number < highest:  # it is behind: its own last block is compared
                ours = _headers(self.nodes[asked], [theirs[-1].number])
                known |= {header.number: header.hash for header in ours}
            for header in theirs:
                if known.get(header.number, header.hash) != header.hash:
                    raise Unsteady(
                        f"The nodes at {self.nodes[asked].name} and {node.name} have different "
                        f"blocks {header.number}.",
                        "Find out which is right, and use that one alone.",
                        code="nodes-disagree",
                    )
        self.silent = tuple(silent)
        self.highest = max(heads, default=None)

    def _ask(self, question: Callable[[Rpc], _Answer]) -> _Answer:
        for _ in self.nodes[1:]:
            at = self._at
            try:
                return question(self.nodes[at])
            except NodeError as error:
                # What is too much for one is asked in smaller parts first.
                if isinstance(error, TooMuch) and error.code != "node-too-slow":
                    raise
                self._switch(at, error)
        return question(self.nodes[self._at])

    def _switch(self, at: int, why: NodeError) -> bool:
        with self._lock:
            if len(self.nodes) == 1 or at != self._at:  # another thread was faster
                return len(self.nodes) > 1
            self._at = (at + 1) % len(self.nodes)
            self.switches += 1
        if self._changed is not None:
            self._changed(self.name, why)
        return True


def _headers(node: Rpc, numbers: Sequence[int]) -> list[Header]:
    """Return those of the blocks that a node has, and its last one."""
    *blocks, latest = node.batch_or_none(
        [
            *(("eth_getBlockByNumber", [hex(number), False]) for number in numbers),
            ("eth_getBlockByNumber", ["latest", False]),
        ]
    )
    there = [
        parse_header(block, node.name, number)
        for number, block in zip(numbers, blocks, strict=True)
        if block is not None
    ]
    return [*there, parse_header(latest, node.name)]
