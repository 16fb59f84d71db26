"""A chain full of the escrow's events: what the indexing of a long history is measured on.

Two contracts are the employer and the freelancer of all deals and make many calls in one
transaction, so that two transactions hold some 160 events, and a block that or more. Every deal has
a payee of its own. A deal is opened in one block, accepted in the next, asked for in the one after,
and released or cancelled in the last, so each block has all of it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

import orjson
import requests
import vyper
from eth_abi.abi import encode
from eth_utils.crypto import keccak

from milestone_escrow import calls
from milestone_escrow.agreement import DAY, Agreement
from milestone_escrow.chain import start_anvil
from milestone_escrow.client import connect
from milestone_escrow.deployments import deploy
from milestone_escrow.signers import NodeSigner

__all__ = ["EVENTS_A_BLOCK", "DenseChain", "dense_chain"]

EVENTS_A_BLOCK: Final = 160  # or a multiple, by as many transactions more
_SIZES: Final = (1, 3, 5)  # milestones of a deal, in turn
_DEALS_OPENED: Final = 17  # by one transaction
_AMOUNT: Final = 10**15
_GAS: Final = 400_000_000  # of a transaction
_RUN: Final = keccak(text="run(address,(uint256,bytes)[])")[:4]


@dataclass(frozen=True, slots=True)
class DenseChain:
    """The chain.

    Attributes:
        url: Of its node.
        escrow: The contract's address.
        blocks: With events, about.
    """

    url: str
    escrow: str
    blocks: int


@contextmanager
def dense_chain(events: int, events_a_block: int = EVENTS_A_BLOCK) -> Iterator[DenseChain]:
    """Start Anvil and fill it with so many events, or a few more.

    Args:
        events: How many in all.
        events_a_block: Anvil takes the longer for a block the more has been stored before, so a
            long history is filled quicker by large ones.
    """
    options = (
        "--gas-limit",
        str(10 * _GAS),
        "--code-size-limit",
        "100000",
        "--balance",
        "1000000000",
        # Of old states nobody asks, and Anvil would keep gigabytes of them in the home folder.
        "--prune-history",
    )
    with start_anvil(port=0, options=options) as node:
        blocks = max(events // events_a_block, 8)
        groups = events_a_block // EVENTS_A_BLOCK
        yield DenseChain(node.rpc_url, _fill(node.rpc_url, blocks, groups), blocks)


def _fill(url: str, blocks: int, groups_a_block: int) -> str:
    w3 = connect(url)
    deployer, other, platform = (NodeSigner(w3, account) for account in w3.eth.accounts[:3])
    escrow = deploy(w3, deployer, "MilestoneEscrow").address
    chain = _Rpc(url)
    employer, freelancer = (chain.deployed(sender.address, 10**26) for sender in (deployer, other))
    now = w3.eth.get_block("latest")["timestamp"]
    groups = _groups(employer, freelancer, platform.address, now)
    waiting: list[list[list[Agreement]]] = [[[]] * groups_a_block] * 3
    chain.call("evm_setAutomine", False)
    for _ in range(blocks):
        opened = [*islice(groups, groups_a_block)]
        for group in zip(opened, *waiting, strict=True):
            for sender, party, made in zip(
                (deployer, other), (employer, freelancer), _calls(*group), strict=True
            ):
                transaction = {
                    "from": sender.address,
                    "to": party,
                    "gas": hex(_GAS),
                    "data": "0x" + _run(escrow, made).hex(),
                }
                chain.call("eth_sendTransaction", transaction)
        chain.call("evm_mine")
        waiting = [opened, *waiting[:-1]]
    chain.require_success()
    return escrow


def _calls(
    opened: Sequence[Agreement],
    accepted: Sequence[Agreement],
    asked: Sequence[Agreement],
    ended: Sequence[Agreement],
) -> tuple[list[calls.Call], list[calls.Call]]:
    """Return what the employer calls and what the freelancer, of deals at each of their ages."""
    released, cancelled = ended[: -len(ended) // 8], ended[-len(ended) // 8 :]
    by_employer = [calls.fund(each, range(len(each.milestones)), b"") for each in opened]
    by_employer += [calls.release(each, range(len(each.milestones))) for each in released]
    by_freelancer = [calls.accept(each, [0]) for each in accepted]
    by_freelancer += [calls.request_release(each, [0], each.document) for each in asked]
    by_freelancer += [calls.cancel(each, range(len(each.milestones))) for each in cancelled]
    return by_employer, by_freelancer


def _groups(employer: str, freelancer: str, platform: str, now: int) -> Iterator[list[Agreement]]:
    """Yield the agreements that one transaction opens, again and again."""
    number = 0
    while True:
        group = []
        for _ in range(_DEALS_OPENED):
            number += 1
            size = _SIZES[number % len(_SIZES)]
            group.append(
                Agreement.build(
                    employer=employer,
                    freelancer=freelancer,
                    payee="0x" + keccak(number.to_bytes(8))[:20].hex(),
                    platform=platform,
                    fee_bps=250,
                    accept_by=now + 30 * DAY,
                    document=keccak(number.to_bytes(32)),
                    milestones=[(_AMOUNT + i, now + 60 * DAY) for i in range(size)],
                )
            )
        yield group


def _run(escrow: str, made: Sequence[calls.Call]) -> bytes:
    arguments = (escrow, [(call.value, call.data) for call in made])
    return _RUN + encode(["address", "(uint256,bytes)[]"], arguments)


class _Rpc:
    """The node, one call after the other: Anvil does those of one request in any order."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._session = requests.Session()
        self._session.trust_env = False

    def call(self, method: str, *params: Any) -> Any:
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        headers = {"Content-Type": "application/json"}
        content = self._session.post(
            self._url, data=orjson.dumps(body), headers=headers, timeout=300
        ).content
        answer = orjson.loads(content)
        if answer.get("error") is not None:
            raise RuntimeError(f"The node refused {method}: {answer['error']}")
        return answer["result"]

    def deployed(self, sender: str, wei: int) -> str:
        """Deploy a party with so much of the native coin; return its address."""
        source = Path(__file__).with_suffix(".vy").read_text()
        code = vyper.compile_code(source, output_formats=["bytecode"])["bytecode"]
        transaction = {"from": sender, "data": code, "value": hex(wei), "gas": hex(5_000_000)}
        tx_hash = self.call("eth_sendTransaction", transaction)
        # A busy Anvil answers before it has mined.
        while (receipt := self.call("eth_getTransactionReceipt", tx_hash)) is None:
            time.sleep(0.01)
        return str(receipt["contractAddress"])

    def require_success(self) -> None:
        """Raise if one of the latest transactions failed."""
        latest = self.call("eth_getBlockByNumber", "latest", False)
        for tx_hash in latest["transactions"]:
            if self.call("eth_getTransactionReceipt", tx_hash)["status"] != "0x1":
                raise RuntimeError("The calls that fill the chain do not go through.")
