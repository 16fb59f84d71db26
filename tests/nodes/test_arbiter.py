"""Disputes that an ERC-792 arbitrator decides: the same on Anvil and on Hardhat."""

from __future__ import annotations

from typing import Any

import pytest
from eth_abi.abi import decode
from eth_utils.crypto import keccak
from hexbytes import HexBytes
from web3 import Web3

from milestone_escrow import artifacts, calls
from milestone_escrow.agreement import DAY, Agreement
from milestone_escrow.deployments import Deployment, deploy
from milestone_escrow.rpc_errors import request
from milestone_escrow.signers import NodeSigner
from milestone_escrow.state import Status
from tests.nodes.stage import FEE_BPS, Stage

COST = 5_000_001  # wei
FEE_PERIOD = 3 * DAY
URI = "/ipfs/meta-evidence.json"


class Court:
    """The arbitrator, who is the deployer, and the adapter before it."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        notes = self._deploy("DealNotes", stage.escrow.address)
        self.arbitrator = self._deploy("CentralizedArbitrator", COST)
        periods = (FEE_PERIOD, 20 * DAY)
        self.adapter = self._deploy(
            "ArbiterAdapter", notes.address, self.arbitrator.address, b"", *periods, URI
        )

    def _deploy(self, contract: str, *arguments: Any) -> Deployment:
        return deploy(self.stage.w3, self.stage.deployer, contract, *arguments)

    def send(
        self, signer: NodeSigner, contract: Deployment, name: str, *arguments: Any, value: int = 0
    ) -> Any:
        """Call the adapter or the arbitrator; return the receipt."""
        data = calls.encode_call(name, *arguments, contract=contract.contract)
        to = Web3.to_checksum_address(contract.address)
        wei = Web3.to_wei(value, "wei")
        w3 = self.stage.w3
        tx_hash = signer.send(w3, {"to": to, "data": HexBytes(data), "value": wei})
        receipt = w3.eth.wait_for_transaction_receipt(tx_hash, poll_latency=0.01)
        assert receipt["status"] == 1
        return receipt

    def credit(self, owner: str) -> int:
        """Return an owner's credit at the adapter, wei."""
        call = {
            "to": self.adapter.address,
            "data": "0x" + calls.encode_call("credit", owner, contract="ArbiterAdapter").hex(),
        }
        return int(request(self.stage.w3, "eth_call", call, "latest"), 16)

    def disputed(self, token: str) -> Agreement:
        """Return a deal that names the adapter; its first milestone is disputed."""
        stage = self.stage
        agreement = stage.bound([0], token=token, arbiter=self.adapter.address)
        stage.run(calls.request_release(agreement, [0]))
        stage.run(calls.dispute(agreement, 0, agreement.employer))
        return agreement


@pytest.fixture(scope="module")
def court(stage: Stage) -> Court:
    return Court(stage)


def topics(court: Court, receipt: Any) -> list[bytes]:
    """Return the first topics of the adapter's events."""
    address = court.adapter.address
    return [bytes(log["topics"][0]) for log in receipt["logs"] if log["address"] == address]


def test_the_meta_evidence_is_told_at_the_deployment(court: Court) -> None:
    wanted = {
        "address": court.adapter.address,
        "fromBlock": "0x0",
        "toBlock": "latest",
        "topics": ["0x" + keccak(text="MetaEvidence(uint256,string)").hex()],
    }
    (log,) = request(court.stage.w3, "eth_getLogs", wanted)
    assert log["blockNumber"] == hex(court.adapter.block_number)
    assert decode(["string"], bytes.fromhex(log["data"][2:])) == (URI,)


def test_the_deployed_code_is_recognised(court: Court) -> None:
    for contract in (court.adapter, court.arbitrator):
        address = Web3.to_checksum_address(contract.address)
        code = bytes(court.stage.w3.eth.get_code(address))
        assert artifacts.load(contract.contract).matches(code)


@pytest.mark.parametrize("ruling", [0, 1, 2])
def test_the_arbitrator_splits_the_milestone(court: Court, token: str, ruling: int) -> None:
    stage, adapter = court.stage, court.adapter
    agreement = court.disputed(token)
    deal = agreement.as_tuple()
    court.send(stage.stranger, adapter, "confirm", deal)
    before = court.credit(agreement.freelancer), court.credit(agreement.employer)
    # The employer pays more than it must.
    court.send(stage.employer, adapter, "pay_fee", deal, 0, value=COST + 11)
    court.send(stage.freelancer, adapter, "pay_fee", deal, 0, value=COST)
    submitted = court.send(stage.stranger, adapter, "submit", deal, 0)
    created = keccak(text="DisputeCreation(uint256,address)")
    (dispute_id,) = (
        int(log["topics"][1].hex(), 16)
        for log in submitted["logs"]
        if bytes(log["topics"][0]) == created
    )
    assert keccak(text="Dispute(address,uint256,uint256,uint256)") in topics(court, submitted)
    court.send(stage.freelancer, adapter, "submit_evidence", deal, 0, "/ipfs/evidence.json")
    ruled = court.send(stage.deployer, court.arbitrator, "rule", dispute_id, ruling)
    assert topics(court, ruled) == [keccak(text="Ruling(address,uint256,uint256)")]
    paid = stage.balance(token, agreement.freelancer)
    court.send(stage.stranger, adapter, "execute", deal, 0)

    gross = {0: 300_000, 1: 600_000, 2: 0}[ruling]
    gained = stage.balance(token, agreement.freelancer) - paid
    assert gained == gross - gross * FEE_BPS // 10_000
    back = {0: (COST // 2, COST - COST // 2), 1: (COST, 0), 2: (0, COST)}[ruling]
    assert court.credit(agreement.freelancer) - before[0] == back[0]
    assert court.credit(agreement.employer) - before[1] == back[1] + 11
    assert stage.escrow.milestone(stage.escrow.deal_id(agreement), 0).status == Status.SETTLED
    stage.check(agreement)


def test_who_does_not_pay_in_time_loses(court: Court, token: str) -> None:
    stage, deal = court.stage, court.disputed(token)
    court.send(stage.freelancer, court.adapter, "pay_fee", deal.as_tuple(), 0, value=COST)
    stage.chain.set_time(stage.chain.time() + FEE_PERIOD)
    before = stage.balance(token, deal.freelancer)
    court.send(stage.stranger, court.adapter, "execute", deal.as_tuple(), 0)
    fee = 600_000 * FEE_BPS // 10_000
    assert stage.balance(token, deal.freelancer) - before == 600_000 - fee
    owed = court.credit(deal.freelancer)
    assert owed >= COST
    vault = Web3.to_checksum_address("0x" + "ad" * 20)
    had = stage.w3.eth.get_balance(vault)
    court.send(stage.freelancer, court.adapter, "withdraw_credit", vault)
    assert stage.w3.eth.get_balance(vault) - had == owed
    assert court.credit(deal.freelancer) == 0
    stage.check(deal)
