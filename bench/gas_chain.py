"""The chain that the gas bench measures on: Anvil, one escrow, two ERC-20s, and earlier deals.

Everything that gas depends on is fixed: the rules of the chain, its first timestamp, the accounts,
the order of the transactions before a row (each row starts from the same snapshot), the documents.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any, Final

from eth_typing import ChecksumAddress
from web3 import HTTPProvider, Web3
from web3.contract import Contract
from web3.types import TxData, TxParams, TxReceipt, Wei

from bench.gas_rows import OPENINGS, ROWS, Asset, Row
from bench.gas_steps import DEADLINE_AFTER, REVIEW_PERIOD, RULING_PERIOD, Deal, Role, Step
from milestone_escrow import artifacts
from milestone_escrow.agreement import DAY, ZERO_ADDRESS, Agreement
from milestone_escrow.artifacts import Artifact
from milestone_escrow.calls import Permit
from milestone_escrow.chain import DevChain, start_anvil
from milestone_escrow.messages import Domain, Message
from milestone_escrow.signers import NodeSigner
from milestone_escrow.typed_data import deal_id, typed_data

__all__ = ["HARDFORK", "PRICES", "GasChain", "Measured", "measure", "on_anvil"]

Measured = Mapping[str, Mapping[Asset, int]]  # row -> asset -> gas used; only what it is in

HARDFORK: Final = "osaka"  # the chain's rules; the compiler has its own pragma

PRICES: Final[Mapping[Asset, int]] = {"native": 10**18, "erc20": 1_000 * 10**6}  # a milestone
_TOKEN: Final = ("Dollar", "USD", 6)
_TOKEN_SUPPLY: Final = 10**15  # raw units

# Unix seconds. One over the round number, so that no deadline ends in a byte of zeros, which is
# cheaper to send.
_START: Final = 1_800_000_001
_FIRST_DEADLINE: Final = _START + DEADLINE_AFTER
_ACCEPT_BY: Final = _START + 10 * DAY
_EXPIRY: Final = _START + 20 * DAY
_DOCUMENT: Final = b"\xdd" * 32
_EARLIER_DOCUMENT: Final = b"\xcc" * 32
_NEXT_DOCUMENT: Final = b"\xde" * 32
_FEE_BPS: Final = 250

_GAS_LIMIT: Final = 10_000_000  # of a transaction; the escrow's creation takes half, no row a tenth
_POLL_SECONDS: Final = 0.002

# Of ERC-2612, as a wallet takes it
_PERMIT_TYPES: Final = {
    "EIP712Domain": [
        {"name": "name", "type": "string"},
        {"name": "version", "type": "string"},
        {"name": "chainId", "type": "uint256"},
        {"name": "verifyingContract", "type": "address"},
    ],
    "Permit": [
        {"name": "owner", "type": "address"},
        {"name": "spender", "type": "address"},
        {"name": "value", "type": "uint256"},
        {"name": "nonce", "type": "uint256"},
        {"name": "deadline", "type": "uint256"},
    ],
}


class GasChain:
    """An escrow and two tokens on a new development chain, an earlier deal open in each asset.

    Args:
        rpc_url: An Anvil that nobody has used yet.
        escrow: The contract to measure.
        token: The ERC-20, whose constructor takes name, symbol and decimals.
        permit_token: An ERC-20 with ERC-2612, made in the same way.
    """

    def __init__(
        self, rpc_url: str, escrow: Artifact, token: Artifact, permit_token: Artifact
    ) -> None:
        """Deploy all three, and open the earlier deals."""
        self._chain = DevChain(rpc_url)
        self._w3 = Web3(HTTPProvider(rpc_url))
        employer, freelancer, platform, stranger, arbiter, *_ = self._chain.accounts()
        self._accounts: dict[Role, ChecksumAddress] = {
            "employer": employer,
            "freelancer": freelancer,
            "platform": platform,
            "arbiter": arbiter,
            "stranger": stranger,
        }
        self._escrow = self._deploy(escrow)
        self._token = self._deploy(token, *_TOKEN)
        self._permit_token = self._deploy(permit_token, *_TOKEN)
        self._domain = Domain(self._chain.chain_id(), self._escrow.address)
        # Everybody who will be paid holds some of the tokens: a first one costs a slot more.
        for contract in (self._token, self._permit_token):
            for account in self._accounts.values():
                self._send(account, contract, "mint", (account, _TOKEN_SUPPLY))
        self._send(employer, self._token, "approve", (self._escrow.address, 2**256 - 1))
        for row in OPENINGS:
            for asset in row.assets:
                self._step(row.counted[0], self._deal(row, asset, _EARLIER_DOCUMENT), asset)

    def gas(self, row: Row, asset: Asset) -> int:
        """Return the gas that the row's counted steps use; the chain is then as it was."""
        with self._undone():
            return sum(receipt["gasUsed"] for receipt in self._receipts(row, asset))

    def sent(self, row: Row, asset: Asset) -> list[tuple[TxData, TxReceipt]]:
        """Return the transactions of the row's counted steps; the chain is then as it was."""
        with self._undone():
            return [
                (self._w3.eth.get_transaction(receipt["transactionHash"]), receipt)
                for receipt in self._receipts(row, asset)
            ]

    @contextmanager
    def _undone(self) -> Iterator[None]:
        snapshot = self._chain.snapshot()
        try:
            yield
        finally:
            self._chain.revert(snapshot)

    def _receipts(self, row: Row, asset: Asset) -> list[TxReceipt]:
        """Play a row and return the receipts of its counted steps."""
        deal = self._deal(row, asset, _DOCUMENT)
        for step in row.before:
            self._step(step, deal, asset)
        return [self._step(step, deal, asset) for step in row.counted]

    def _deal(self, row: Row, asset: Asset, document: bytes) -> Deal:
        token = self._permit_token if row.permits else self._token
        agreement = Agreement.build(
            employer=self._accounts["employer"],
            freelancer=self._named(row, "freelancer"),
            arbiter=self._named(row, "arbiter"),
            arbiter_bps=row.arbiter_bps,
            platform=self._named(row, "platform"),
            fee_bps=_FEE_BPS if "platform" in row.named else 0,
            token=ZERO_ADDRESS if asset == "native" else token.address,
            milestones=[
                (PRICES[asset], _FIRST_DEADLINE + index * DAY) for index in range(row.milestones)
            ],
            accept_by=_ACCEPT_BY,
            review_period=REVIEW_PERIOD,
            ruling_period=RULING_PERIOD,
            document=document,
        )
        id_ = deal_id(agreement, self._domain)
        successor = replace(
            agreement,
            freelancer=self._accounts["freelancer"],
            document=_NEXT_DOCUMENT,
            supersedes=id_,
        )
        return Deal(
            id=id_,
            agreement=agreement,
            successor=successor,
            expiry=_EXPIRY,
            sign=self._sign,
            permit=partial(self._permit, token),
        )

    def _named(self, row: Row, role: Role) -> str:
        return self._accounts[role] if role in row.named else ZERO_ADDRESS

    def _sign(self, role: Role, message: Message) -> bytes:
        signer = NodeSigner(self._w3, self._accounts[role])
        return signer.sign_typed_data(typed_data(message, self._domain))

    def _permit(self, token: Contract, amount: int) -> Permit:
        """Return the employer's permit for the escrow, signed by the node."""
        owner = self._accounts["employer"]
        message = {
            "owner": owner,
            "spender": self._escrow.address,
            "value": str(amount),
            "nonce": str(token.functions.nonces(owner).call()),
            "deadline": str(_EXPIRY),
        }
        domain = {
            "name": token.functions.name().call(),
            "version": "1",
            "chainId": self._domain.chain_id,
            "verifyingContract": token.address,
        }
        signature = NodeSigner(self._w3, owner).sign_typed_data(
            {
                "types": _PERMIT_TYPES,
                "primaryType": "Permit",
                "domain": domain,
                "message": message,
            }
        )
        return Permit(_EXPIRY, signature[64], signature[:32], signature[32:64])

    def _step(self, step: Step, deal: Deal, asset: Asset) -> TxReceipt:
        """Send a step."""
        if step.after:
            self._chain.advance(step.after)
        value = step.paid_in * PRICES[asset] if asset == "native" else 0
        sender = self._accounts[step.sender]
        return self._send(sender, self._escrow, step.call, step.arguments(deal), value)

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
def on_anvil(escrow: Artifact) -> Iterator[GasChain]:
    """Start an Anvil of its own on a free port, and yield the chain to measure an escrow on.

    Raises:
        NodeError: Anvil is not installed or does not start.
    """
    options = ("--hardfork", HARDFORK)
    with start_anvil(0, timestamp=_START, options=options) as node:
        yield GasChain(
            node.rpc_url, escrow, artifacts.load("TestToken"), artifacts.load("PermitToken")
        )


def measure(escrow: Artifact | None = None) -> dict[str, dict[Asset, int]]:
    """Return the gas used by every row, by each asset that it is measured in.

    Args:
        escrow: The contract to measure; None: the compiled one of the tree.

    Raises:
        NodeError: Anvil is not installed or does not start.
    """
    with on_anvil(escrow or artifacts.load("MilestoneEscrow")) as chain:
        return {row.name: {asset: chain.gas(row, asset) for asset in row.assets} for row in ROWS}
