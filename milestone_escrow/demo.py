"""Whole deals played on a development chain, step by step, and the books of them afterwards.

``play`` yields what happens as it happens and prints nothing. All of it is real: the node's own
accounts send and sign, the node's clock is moved, and the books are made of the chain's events
alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from hexbytes import HexBytes
from web3 import Web3

from milestone_escrow import calls, clock
from milestone_escrow.abi_values import ZERO_ADDRESS
from milestone_escrow.agreement import DAY, Agreement
from milestone_escrow.chain import DevChain
from milestone_escrow.client import EscrowClient, Receipt, connect
from milestone_escrow.deal_state import State
from milestone_escrow.deployments import Deployment, deploy
from milestone_escrow.document import AgreementDocument, Currency, DocumentMilestone
from milestone_escrow.events import EventRecord, decode_log
from milestone_escrow.exceptions import NodeError
from milestone_escrow.percentages import split_by_percent
from milestone_escrow.signers import NodeSigner
from milestone_escrow.state import fold
from milestone_escrow.tokens import NATIVE_COIN, Token, approve, balance_of, read_token
from milestone_escrow.typed_data import agreement_typed_data

__all__ = ["Book", "Books", "Chapter", "Scene", "Step", "play"]

ROLES: Final = ("deployer", "employer", "freelancer", "platform", "stranger")
FEE_BPS: Final = 250


@dataclass(frozen=True, slots=True)
class Chapter:
    """A part of the play begins.

    Attributes:
        title: A few words.
        about: One sentence on what it shows.
    """

    title: str
    about: str


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened.

    Attributes:
        who: The role that acted, or ``time``.
        what: A short clause.
        token: Currency of ``amount``; None without an amount.
        amount: Raw units.
        gas: What the transaction used; None where there was none.
        block_number: The latest block then.
        time: Its timestamp, unix seconds.
    """

    who: str
    what: str
    token: Token | None
    amount: int | None
    gas: int | None
    block_number: int
    time: int


@dataclass(frozen=True, slots=True)
class Book:
    """One token's account in raw units: of events alone, but for ``balance``, which is the chain's.

    Attributes:
        token: Which token.
        paid_in: What employers paid in.
        paid_out: What left the contract: to freelancers, payees, platforms, and back to employers.
        held: What each milestone still holds and each credit still waits for, added up.
        balance: What the token, or the chain, says the contract has.
    """

    token: Token
    paid_in: int
    paid_out: int
    held: int
    balance: int

    @property
    def difference(self) -> int:
        """What in lacks of out and held, and balance of held, added up: zero, or it is wrong."""
        return abs(self.paid_in - self.paid_out - self.held) + abs(self.balance - self.held)


@dataclass(frozen=True, slots=True)
class Books:
    """The end of the play.

    Attributes:
        escrow: The contract's address.
        chain_id: The chain's id.
        deals: How many deals were opened.
        events: How many events the books are made of.
        books: One for each token.
    """

    escrow: str
    chain_id: int
    deals: int
    events: int
    books: tuple[Book, ...]


Scene = Chapter | Step | Books


def play(rpc_url: str) -> Iterator[Scene]:
    """Deploy an escrow and play deals on it, yielding what happens.

    Args:
        rpc_url: A development node (Anvil, Hardhat) with unlocked accounts. Its clock is moved on
            by some months; a node with a fresh chain is best.

    Raises:
        NodeError: nothing answers, or it is no development node.
        EscrowError: a step was refused.
    """
    w3 = connect(rpc_url)
    dev = DevChain(rpc_url)
    dev.kind()
    stage = _Stage(w3, dev)
    yield from stage.set_up()
    yield from stage.reserve()
    yield from stage.main_deal()
    yield from stage.token_deal()
    yield from stage.refused_payment()
    yield stage.books()


class _Stage:
    """The chain, the actors and the contracts of one play."""

    def __init__(self, w3: Web3, dev: DevChain) -> None:
        accounts = dev.accounts()
        if len(accounts) < len(ROLES):
            raise NodeError(
                f"The node signs for {len(accounts)} accounts; the demo needs {len(ROLES)}.",
                "Use a fresh Anvil or Hardhat node.",
                code="too-few-accounts",
            )
        self.w3 = w3
        self.dev = dev
        self.actors = {
            role: NodeSigner(w3, address) for role, address in zip(ROLES, accounts, strict=False)
        }
        self.names: dict[str, str] = {signer.address: role for role, signer in self.actors.items()}

    # --- Chapters

    def set_up(self) -> Iterator[Scene]:
        yield Chapter("The contract", "No owner, no admin, no upgrade: it belongs to nobody.")
        self.deployment = deploy(self.w3, self.actors["deployer"], "MilestoneEscrow")
        self.client = EscrowClient(self.w3, self.deployment.address)
        yield self._step("deployer", "puts the escrow on the chain", gas=self.deployment.gas_used)

    def reserve(self) -> Iterator[Scene]:
        yield Chapter(
            "A job that nobody has yet",
            "It shows that the employer means it. Until someone is bound, it can go back.",
        )
        job = self._agreement("A logo", ["The logo"], [10**18], [30], freelancer=ZERO_ADDRESS)
        reserved = self._call(calls.fund(job, [0]))
        yield self._done(reserved, "reserves money for a job", job.price)
        back = self._call(calls.withdraw(job, [0]))
        yield self._done(back, "finds nobody, and withdraws it", job.price)

    def main_deal(self) -> Iterator[Scene]:
        yield Chapter(
            "A deal of three milestones",
            "Only the employer releases, only the freelancer cancels, agreed clocks do the rest.",
        )
        price = 4 * 10**18
        deal = self._agreement(
            "A web shop",
            ["Design", "The shop", "Launch"],
            split_by_percent(price, [30, 50, 20]),
            [30, 60, 90],
        )
        first, second, third = (milestone.amount for milestone in deal.milestones)
        signature = self.actors["freelancer"].sign_typed_data(
            agreement_typed_data(deal, self.client.domain)
        )
        yield self._step("freelancer", "signs the readable agreement", NATIVE_COIN, price)
        funded = self._call(calls.fund(deal, [0, 1, 2], signature))
        yield self._done(funded, "funds all three; the signature binds", price)

        requested = self._call(calls.request_release(deal, [0]))
        since = self.dev.time()
        yield self._done(requested, "asks for release of Design", first)
        self.dev.set_time(since + deal.review_period // 2)
        yield self._step("time", f"15 days on: Design is {self._status(deal, 0)}")
        part = self._call(calls.release_part(deal, 0, first // 4))
        yield self._done(part, "releases a part of it", first // 4)
        paid = self._call(calls.release(deal, [1]))
        yield self._done(paid, "releases The shop", second)
        cancelled = self._call(calls.cancel(deal, [2]))
        yield self._done(cancelled, "cancels Launch: the money goes back", third)
        self.dev.set_time(since + deal.review_period)
        yield self._step("time", f"30 days on: Design is {self._status(deal, 0)}")
        stranger = self.actors["stranger"].address
        claimed = self._call(calls.claim(deal, [0], stranger))
        yield self._done(claimed, "claims the rest for the freelancer", first - first // 4)

    def token_deal(self) -> Iterator[Scene]:
        yield Chapter(
            "A deal in a token, with a platform",
            f"Six decimals; the platform earns {FEE_BPS / 100:g} % of what the freelancer is paid.",
        )
        employer = self.actors["employer"]
        contract = deploy(self.w3, employer, "TestToken", "Test dollar", "TUSD", 6)
        token = Token(contract.address, "TUSD", 6)
        price = 1_500 * 10**6
        self._invoke(contract, employer, "mint", employer.address, price)
        approve(self.w3, token.address, employer, self.client.address, price)
        deal = self._agreement(
            "Twenty articles",
            ["The first ten", "The other ten"],
            [price // 2] * 2,
            [30, 60],
            token=token,
            platform=self.actors["platform"].address,
            fee_bps=FEE_BPS,
        )
        funded = self._call(calls.fund(deal, [0, 1]))
        yield self._done(funded, "funds both milestones", price, token)
        accepted = self._call(calls.accept(deal, [0, 1]))
        yield self._done(accepted, "accepts by a transaction", price, token)
        released = self._call(calls.release(deal, [0]))
        yield self._done(released, "releases the first ten", price // 2, token)
        platform = self.actors["platform"].address
        fee = self.client.credit(token.address, platform)
        taken = self._call(calls.withdraw_credit(token.address, platform, platform))
        yield self._done(taken, "takes its fee", fee, token)

    def refused_payment(self) -> Iterator[Scene]:
        yield Chapter(
            "A receiver that refuses the coin",
            "A payment that fails becomes a credit. It never blocks anyone else.",
        )
        freelancer = self.actors["freelancer"]
        shop = deploy(self.w3, freelancer, "Shop")
        deal = self._agreement("A poster", ["The poster"], [10**18 // 2], [30], payee=shop.address)
        signature = freelancer.sign_typed_data(agreement_typed_data(deal, self.client.domain))
        funded = self._call(calls.fund(deal, [0], signature))
        yield self._done(funded, "funds a deal paid to a closed shop", deal.price)
        released = self._call(calls.release(deal, [0]))
        yield self._done(released, "releases; the shop refuses: a credit", deal.price)
        self._invoke(shop, freelancer, "set_open", True)
        stranger = self.actors["stranger"].address
        paid = self._call(calls.pay_credit(ZERO_ADDRESS, shop.address, stranger))
        yield self._done(paid, "has the open shop paid its credit", deal.price)

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

    # --- Helpers

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
            token=read_token(self.w3, address),
            paid_in=ledger.paid_in,
            paid_out=ledger.paid_out,
            held=state.held(address),
            balance=balance_of(self.w3, address, self.client.address),
        )

    def _agreement(
        self,
        title: str,
        parts: Sequence[str],
        amounts: Sequence[int],
        days: Sequence[int],
        *,
        token: Token = NATIVE_COIN,
        freelancer: str | None = None,
        **terms: Any,
    ) -> Agreement:
        """Return an agreement and its document's hash; the deadlines are ``days`` from now."""
        document = AgreementDocument.create(
            title=title,
            scope=f"{title}, made in {len(parts)} parts.",
            milestones=[DocumentMilestone(part, f"{part}, ready to use") for part in parts],
            currency=Currency(token.symbol, token.decimals),
        )
        now = self.dev.time()
        agreement = Agreement.build(
            employer=self.actors["employer"].address,
            freelancer=self.actors["freelancer"].address if freelancer is None else freelancer,
            token=token.address,
            accept_by=now + 7 * DAY,
            document=document.hash(),
            milestones=[
                (amount, now + day * DAY) for amount, day in zip(amounts, days, strict=True)
            ],
            **terms,
        )
        document.check_against(agreement)
        agreement.require_valid(now, self.client.address)
        return agreement

    def _call(self, call: calls.Call) -> Receipt:
        return self.client.execute(call, self.actors[self.names[call.sender]])

    def _invoke(self, contract: Deployment, signer: NodeSigner, name: str, *args: Any) -> None:
        """Call a contract that is not the escrow, and wait."""
        data = calls.encode_call(name, *args, contract=contract.contract)
        tx_hash = signer.send(
            self.w3, {"to": Web3.to_checksum_address(contract.address), "data": HexBytes(data)}
        )
        self.w3.eth.wait_for_transaction_receipt(tx_hash)

    def _status(self, agreement: Agreement, index: int) -> str:
        """Return what the events and the chain's clock make of a milestone, in one word."""
        deal = fold(self._records()).deals[self.client.deal_id(agreement)]
        return clock.milestone_status(deal, index, self.dev.time()).status

    def _done(self, receipt: Receipt, what: str, amount: int, token: Token = NATIVE_COIN) -> Step:
        who = self.names[receipt.call.sender]
        return self._step(who, what, token, amount, receipt.gas_used)

    def _step(
        self,
        who: str,
        what: str,
        token: Token | None = None,
        amount: int | None = None,
        gas: int | None = None,
    ) -> Step:
        block = self.w3.eth.get_block("latest")
        return Step(who, what, token, amount, gas, block["number"], block["timestamp"])
