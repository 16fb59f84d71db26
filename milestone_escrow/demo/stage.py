"""The stage of a play: a chain, its actors, an escrow on it, and the books of what happened."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from hexbytes import HexBytes
from web3 import Web3

from milestone_escrow import calls, clock
from milestone_escrow.agreement import DAY, Agreement
from milestone_escrow.chain import DevChain
from milestone_escrow.client import EscrowClient, Receipt, connect
from milestone_escrow.deal_state import State
from milestone_escrow.demo.scenes import Book, Books, Step
from milestone_escrow.deployments import Deployment, deploy
from milestone_escrow.document import AgreementDocument, Currency, DocumentMilestone
from milestone_escrow.events import EventRecord, decode_log
from milestone_escrow.exceptions import NodeError
from milestone_escrow.messages import Message
from milestone_escrow.signers import NodeSigner
from milestone_escrow.state import fold
from milestone_escrow.tokens import NATIVE_COIN, Token, approve, balance_of, read_token
from milestone_escrow.typed_data import typed_data

__all__ = ["Stage"]

ROLES: Final = ("deployer", "employer", "freelancer", "arbiter", "platform", "stranger")


class Stage:
    """A development chain with an escrow on it, and accounts of the node as actors.

    Args:
        rpc_url: A development node with unlocked accounts.

    Attributes:
        dev: The chain, whose clock can be moved.
        client: The escrow.
        deployment: How it came there.
        notes: How the notes came beside it.

    Raises:
        NodeError: nothing answers, it is no development node, or it signs for too few accounts.
    """

    def __init__(self, rpc_url: str) -> None:
        """Deploy the escrow and its notes."""
        self._w3 = connect(rpc_url)
        self.dev = DevChain(rpc_url)
        self.dev.kind()
        accounts = self.dev.accounts()
        if len(accounts) < len(ROLES):
            raise NodeError(
                f"The node signs for {len(accounts)} accounts; the demo needs {len(ROLES)}.",
                "Use a fresh Anvil or Hardhat node.",
                code="too-few-accounts",
            )
        self._actors = {
            role: NodeSigner(self._w3, address)
            for role, address in zip(ROLES, accounts, strict=False)
        }
        self._names: dict[str, str] = {
            signer.address: role for role, signer in self._actors.items()
        }
        self.deployment = deploy(self._w3, self._actors["deployer"], "MilestoneEscrow")
        self.client = EscrowClient(self._w3, self.deployment.address)
        self.notes = self.deploy("deployer", "DealNotes", self.client.address)
        self._noted = EscrowClient(self._w3, self.client.address, self.notes.address)

    # --- Acting

    def address(self, role: str) -> str:
        """Return an actor's account."""
        return self._actors[role].address

    def agreement(
        self,
        title: str,
        parts: Sequence[str],
        amounts: Sequence[int],
        days: Sequence[int],
        *,
        token: Token = NATIVE_COIN,
        **terms: Any,
    ) -> Agreement:
        """Return an agreement between employer and freelancer, with a document that it binds.

        Args:
            title: Of the document.
            parts: Titles of the milestones.
            amounts: Raw units of each.
            days: Deadline of each, in days from now.
            token: Of the amounts.
            terms: Other fields of the agreement.
        """
        document = AgreementDocument.create(
            title=title,
            scope=f"{title}, made in {len(parts)} parts.",
            milestones=[DocumentMilestone(part, f"{part}, ready to use") for part in parts],
            currency=Currency(token.symbol, token.decimals),
        )
        now = self.dev.time()
        agreement = Agreement.build(
            employer=self.address("employer"),
            token=token.address,
            accept_by=now + 7 * DAY,
            document=document.hash(),
            milestones=[
                (amount, now + day * DAY) for amount, day in zip(amounts, days, strict=True)
            ],
            **({"freelancer": self.address("freelancer")} | terms),
        )
        document.check_against(agreement)
        agreement.require_valid(now, self.client.address, supersedes=agreement.supersedes)
        return agreement

    def sign(self, role: str, message: Message) -> bytes:
        """Return an actor's signature over a message, made by the node as a wallet would."""
        return self._actors[role].sign_typed_data(typed_data(message, self.client.domain))

    def call(self, call: calls.Call) -> Receipt:
        """Have the actor whose call it is send it, and await it."""
        return self.client.execute(call, self._actors[self._names[call.sender]])

    def say(self, note: calls.Call) -> Receipt:
        """Have the actor whose note it is put it on record, and await it."""
        return self._noted.execute(note, self._actors[self._names[note.sender]])

    def deploy(self, role: str, contract: str, *arguments: Any) -> Deployment:
        """Put a contract beside the escrow."""
        return deploy(self._w3, self._actors[role], contract, *arguments)

    def invoke(self, contract: Deployment, role: str, name: str, *arguments: Any) -> None:
        """Call a contract that is not the escrow, and wait."""
        data = calls.encode_call(name, *arguments, contract=contract.contract)
        to = Web3.to_checksum_address(contract.address)
        tx_hash = self._actors[role].send(self._w3, {"to": to, "data": HexBytes(data)})
        self._w3.eth.wait_for_transaction_receipt(tx_hash)

    def token(self, symbol: str, decimals: int, owner: str, amount: int) -> Token:
        """Return a new ERC-20 of which an actor has ``amount``, and lets the escrow take it."""
        contract = self.deploy(owner, "TestToken", f"Test {symbol}", symbol, decimals)
        self.invoke(contract, owner, "mint", self.address(owner), amount)
        approve(self._w3, contract.address, self._actors[owner], self.client.address, amount)
        return Token(contract.address, symbol, decimals)

    # --- Looking

    def status(self, agreement: Agreement, index: int) -> str:
        """Return what the events and the chain's clock make of a milestone, in one word."""
        deal = fold(self._records()).deals[self.client.deal_id(agreement)]
        return clock.milestone_status(deal, index, self.dev.time()).status

    def done(
        self, receipt: Receipt, what: str, amount: int | None = None, token: Token = NATIVE_COIN
    ) -> Step:
        """Return the step that a mined call was."""
        who = self._names[receipt.call.sender]
        return self.step(who, what, token, amount, receipt.gas_used)

    def deployed(self, deployment: Deployment, what: str) -> Step:
        """Return the step that a deployment by the deployer was."""
        block = self._w3.eth.get_block(deployment.block_number)
        gas = deployment.gas_used
        return Step("deployer", what, None, None, gas, block["number"], block["timestamp"])

    def step(
        self,
        who: str,
        what: str,
        token: Token | None = None,
        amount: int | None = None,
        gas: int | None = None,
    ) -> Step:
        """Return a step that happened just now."""
        block = self._w3.eth.get_block("latest")
        return Step(who, what, token, amount, gas, block["number"], block["timestamp"])

    def books(self) -> Books:
        """Return the books: the contract's events folded, and its balances beside them."""
        records = self._records()
        state = fold(records)
        return Books(
            escrow=self.client.address,
            chain_id=self.client.chain_id,
            deals=len(state.deals),
            events=len(records),
            books=tuple(self._book(state, address) for address in state.ledgers),
        )

    # --- Inside

    def _records(self) -> list[EventRecord]:
        """Return all events of the contract, in their order."""
        wanted = {
            "address": self.client.address,
            "fromBlock": hex(self.deployment.block_number),
            "toBlock": "latest",
        }
        logs = self.dev.request("eth_getLogs", wanted)
        return [record for log in logs if (record := decode_log(log)) is not None]

    def _book(self, state: State, address: str) -> Book:
        ledger = state.ledgers[address]
        return Book(
            token=read_token(self._w3, address),
            paid_in=ledger.paid_in,
            paid_out=ledger.paid_out,
            held=state.held(address),
            balance=balance_of(self._w3, address, self.client.address),
        )
