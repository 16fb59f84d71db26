"""An escrow, a token and the parties on one development node: what the tests of nodes act on."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any, Final

from hexbytes import HexBytes
from web3 import Web3

from milestone_escrow import calls, tokens
from milestone_escrow.agreement import DAY, ZERO_ADDRESS, Agreement
from milestone_escrow.calls import Call
from milestone_escrow.chain import DevChain
from milestone_escrow.client import EscrowClient, Receipt, connect
from milestone_escrow.deployments import deploy
from milestone_escrow.events import EventRecord, decode_log
from milestone_escrow.rpc_errors import in_words, request
from milestone_escrow.signers import NodeSigner
from milestone_escrow.state import State, fold
from milestone_escrow.typed_data import agreement_typed_data

ENOUGH_GAS: Final = 1_000_000
FEE_BPS: Final = 250


class Stage:
    """The chain, its contracts and the accounts that act, by their roles."""

    def __init__(self, rpc_url: str) -> None:
        self.chain = DevChain(rpc_url)
        self.w3 = connect(rpc_url)
        signers = [NodeSigner(self.w3, address) for address in self.chain.accounts()]
        self.signers = {signer.address: signer for signer in signers}
        self.employer, self.freelancer, self.platform, self.stranger, self.deployer, *_ = signers
        self.deployment = deploy(self.w3, self.deployer, "MilestoneEscrow")
        self.escrow = EscrowClient(self.w3, self.deployment.address)
        self.token = deploy(self.w3, self.deployer, "TestToken", "Test dollar", "TUSD", 6).address
        self.invoke("TestToken", self.token, self.employer, "mint", self.employer.address, 10**30)
        tokens.approve(self.w3, self.token, self.employer, self.escrow.address, 10**30)
        self._numbers = itertools.count(1)

    # --- Agreements

    def agreement(self, *, token: str = ZERO_ADDRESS, **changes: Any) -> Agreement:
        """Return an agreement that was never used: milestones of 600, 300 and 100 thousand."""
        now = self.chain.time()
        terms: dict[str, Any] = {
            "employer": self.employer.address,
            "freelancer": self.freelancer.address,
            "platform": self.platform.address,
            "fee_bps": FEE_BPS,
            "token": token,
            "accept_by": now + 5 * DAY,
            "document": next(self._numbers).to_bytes(32),
            "milestones": [
                (600_000, now + 100 * DAY),
                (300_000, now + 110 * DAY),
                (100_000, now + 120 * DAY),
            ],
        }
        return Agreement.build(**terms | changes)

    def signed(self, agreement: Agreement) -> bytes:
        """Return the freelancer's signature over the agreement, made by the node."""
        return self.freelancer.sign_typed_data(agreement_typed_data(agreement, self.escrow.domain))

    def bound(self, indexes: Sequence[int] = (0, 1, 2), **changes: Any) -> Agreement:
        """Return an agreement that the freelancer signed, with these milestones funded."""
        agreement = self.agreement(**changes)
        self.run(calls.fund(agreement, indexes, self.signed(agreement)))
        return agreement

    # --- Acting

    def run(self, call: Call) -> Receipt:
        """Simulate, send and await a call, by its sender."""
        return self.escrow.execute(call, self.signers[Web3.to_checksum_address(call.sender)])

    def send(self, call: Call, *, gas: int = ENOUGH_GAS) -> bytes:
        """Send a call without trying it first, as somebody else's wallet may.

        Hardhat tells what is refused at once, Anvil only in the receipt.
        """
        signer = self.signers[Web3.to_checksum_address(call.sender)]
        with in_words():
            return signer.send(
                self.w3,
                {
                    "to": Web3.to_checksum_address(self.escrow.address),
                    "data": HexBytes(call.data),
                    "value": Web3.to_wei(call.value, "wei"),
                    "gas": gas,
                },
            )

    def invoke(
        self, contract: str, address: str, signer: NodeSigner, name: str, *arguments: Any
    ) -> None:
        """Call a contract that is not the escrow."""
        data = calls.encode_call(name, *arguments, contract=contract)
        tx_hash = signer.send(
            self.w3, {"to": Web3.to_checksum_address(address), "data": HexBytes(data)}
        )
        assert self.w3.eth.wait_for_transaction_receipt(tx_hash, poll_latency=0.01)["status"] == 1

    # --- Looking

    def balance(self, token: str, owner: str) -> int:
        return tokens.balance_of(self.w3, token, owner)

    def records(self) -> list[EventRecord]:
        """Return all that the escrow has logged, as the node lists it."""
        wanted = {
            "address": self.escrow.address,
            "fromBlock": hex(self.deployment.block_number),
            "toBlock": "latest",
        }
        decoded = [decode_log(log) for log in request(self.w3, "eth_getLogs", wanted)]
        return [record for record in decoded if record is not None]

    def folded(self) -> State:
        return fold(self.records())

    def check(self, agreement: Agreement) -> None:
        """Compare what the events say of a deal and its money with what the contract stores."""
        state, deal_id = self.folded(), self.escrow.deal_id(agreement)
        deal = state.deals[deal_id]
        assert self.escrow.deal(deal_id) == deal.view()
        for index, milestone in enumerate(deal.milestones):
            assert self.escrow.milestone(deal_id, index) == milestone.view()
        for owner in (*self.signers, agreement.receiver):
            known = state.credits.get((agreement.token, owner), 0)
            assert self.escrow.credit(agreement.token, owner) == known
        assert state.held(agreement.token) == self.balance(agreement.token, self.escrow.address)
