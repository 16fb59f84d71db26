"""The chain that the gas bench measures on: Anvil, one escrow, one ERC-20, and an earlier deal.

Everything that gas depends on is fixed: the rules of the chain, its first timestamp, the accounts,
the order of the transactions before a row (each row starts from the same snapshot), the documents.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, Literal

from eth_typing import ChecksumAddress
from web3 import HTTPProvider, Web3
from web3.contract import Contract
from web3.types import TxParams, TxReceipt, Wei

from bench.gas_rows import REVIEW_PERIOD, ROWS, Deal, Role, Row, Step
from milestone_escrow import artifacts
from milestone_escrow.agreement import DAY, ZERO_ADDRESS, Agreement
from milestone_escrow.artifacts import Artifact
from milestone_escrow.chain import DevChain, start_anvil
from milestone_escrow.messages import Domain
from milestone_escrow.signers import NodeSigner
from milestone_escrow.typed_data import agreement_typed_data

__all__ = ["ASSETS", "HARDFORK", "PRICES", "Asset", "GasChain", "Measured", "measure", "on_anvil"]

Asset = Literal["native", "erc20"]
Measured = Mapping[str, Mapping[Asset, int]]  # row -> asset -> gas used

ASSETS: Final[tuple[Asset, ...]] = ("native", "erc20")
HARDFORK: Final = "osaka"  # the chain's rules; the compiler has its own pragma

PRICES: Final[Mapping[Asset, int]] = {"native": 10**18, "erc20": 1_000 * 10**6}  # a milestone
_TOKEN_SUPPLY: Final = 10**15  # raw units

# Unix seconds. One over the round number, so that no deadline ends in a byte of zeros, which is
# cheaper to send.
_START: Final = 1_800_000_001
_FIRST_DEADLINE: Final = _START + 60 * DAY
_ACCEPT_BY: Final = _START + 10 * DAY
_DOCUMENT: Final = b"\xdd" * 32
_EARLIER_DOCUMENT: Final = b"\xcc" * 32

_GAS_LIMIT: Final = 5_000_000  # of a transaction; no row comes near
_POLL_SECONDS: Final = 0.002


class GasChain:
    """An escrow and a token on a new development chain, with an earlier deal open in each asset.

    Args:
        rpc_url: An Anvil that nobody has used yet.
        escrow: The contract to measure.
        token: The ERC-20, whose constructor takes name, symbol and decimals.
    """

    def __init__(self, rpc_url: str, escrow: Artifact, token: Artifact) -> None:
        """Deploy both, and open the earlier deals."""
        self._chain = DevChain(rpc_url)
        self._w3 = Web3(HTTPProvider(rpc_url))
        employer, freelancer, platform, stranger, *_ = self._chain.accounts()
        self._accounts: dict[Role, ChecksumAddress] = {
            "employer": employer,
            "freelancer": freelancer,
            "platform": platform,
            "stranger": stranger,
        }
        self._escrow = self._deploy(escrow)
        self._token = self._deploy(token, "Dollar", "USD", 6)
        self._domain = Domain(self._chain.chain_id(), self._escrow.address)
        # Everybody who will be paid holds some of the token: a first one costs a slot more.
        for account in self._accounts.values():
            self._send(account, self._token, "mint", (account, _TOKEN_SUPPLY))
        self._send(employer, self._token, "approve", (self._escrow.address, 2**256 - 1))
        fund_first = ROWS[0].counted[0]
        for asset in ASSETS:
            self._step(fund_first, self._deal(ROWS[0], asset, _EARLIER_DOCUMENT), asset)

    def gas(self, row: Row, asset: Asset) -> int:
        """Return the gas that the row's counted steps use; the chain is then as it was."""
        snapshot = self._chain.snapshot()
        try:
            deal = self._deal(row, asset, _DOCUMENT)
            for step in row.before:
                self._step(step, deal, asset)
            return sum(self._step(step, deal, asset) for step in row.counted)
        finally:
            self._chain.revert(snapshot)

    def _deal(self, row: Row, asset: Asset, document: bytes) -> Deal:
        agreement = Agreement.build(
            employer=self._accounts["employer"],
            freelancer=self._accounts["freelancer"],
            platform=self._accounts["platform"] if row.platform else ZERO_ADDRESS,
            fee_bps=250 if row.platform else 0,
            token=ZERO_ADDRESS if asset == "native" else self._token.address,
            milestones=[
                (PRICES[asset], _FIRST_DEADLINE + index * DAY) for index in range(row.milestones)
            ],
            accept_by=_ACCEPT_BY,
            review_period=REVIEW_PERIOD,
            document=document,
        )
        freelancer = NodeSigner(self._w3, self._accounts["freelancer"])
        signature = freelancer.sign_typed_data(agreement_typed_data(agreement, self._domain))
        return Deal(agreement, signature)

    def _step(self, step: Step, deal: Deal, asset: Asset) -> int:
        """Send a step and return its gas used."""
        if step.after:
            self._chain.advance(step.after)
        value = step.paid_in * PRICES[asset] if asset == "native" else 0
        sender = self._accounts[step.sender]
        return self._send(sender, self._escrow, step.call, step.arguments(deal), value)["gasUsed"]

    def _send(
        self,
        sender: ChecksumAddress,
        contract: Contract,
        call: str,
        arguments: tuple[Any, ...],
        value: int = 0,
    ) -> TxReceipt:
        data = contract.encode_abi(call, arguments)
        return self._mined(
            call, {"from": sender, "to": contract.address, "data": data, "value": Wei(value)}
        )

    def _deploy(self, artifact: Artifact, *arguments: Any) -> Contract:
        factory = self._w3.eth.contract(abi=artifact.abi, bytecode=artifact.bytecode)
        data = factory.constructor(*arguments).data_in_transaction
        receipt = self._mined(
            f"the creation of {artifact.contract}",
            {"from": self._accounts["employer"], "data": data},
        )
        return factory(receipt["contractAddress"])

    def _mined(self, what: str, tx: TxParams) -> TxReceipt:
        hash_ = self._w3.eth.send_transaction({**tx, "gas": _GAS_LIMIT})
        receipt = self._w3.eth.wait_for_transaction_receipt(hash_, poll_latency=_POLL_SECONDS)
        if receipt["status"] != 1:
            raise RuntimeError(f"A transaction that the gas bench needs reverted: {what}.")
        return receipt


@contextmanager
def on_anvil(escrow: Artifact, token: Artifact) -> Iterator[GasChain]:
    """Start an Anvil of its own on a free port, and yield the chain to measure on.

    Raises:
        NodeError: Anvil is not installed or does not start.
    """
    options = ("--hardfork", HARDFORK)
    with start_anvil(0, timestamp=_START, options=options) as node:
        yield GasChain(node.rpc_url, escrow, token)


def measure(escrow: Artifact | None = None) -> dict[str, dict[Asset, int]]:
    """Return the gas used by every row, by asset.

    Args:
        escrow: The contract to measure; None: the compiled one of the tree.

    Raises:
        NodeError: Anvil is not installed or does not start.
    """
    escrow = escrow or artifacts.load("MilestoneEscrow")
    with on_anvil(escrow, artifacts.load("TestToken")) as chain:
        return {row.name: {asset: chain.gas(row, asset) for asset in ASSETS} for row in ROWS}
