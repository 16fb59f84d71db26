"""The core flow through Ape's own accounts and contracts, for ``ape test``.

Plain pytest passes this file over; ``test_core_flow.py`` runs it on each network. By hand:
``ape test tests/ape/core_flow.py -o addopts= --network ethereum:local:foundry``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import ape
import pytest
from ape.api import AccountAPI, ReceiptAPI
from ape.contracts import ContractInstance
from ape.managers.chain import ChainManager
from ape.managers.project import ProjectManager
from ape_hardhat import HardhatProvider
from eth_account.messages import encode_typed_data

from milestone_escrow.agreement import DAY, ZERO_ADDRESS, ZERO_HASH, Agreement
from milestone_escrow.deal_state import Status
from milestone_escrow.event_types import Reason
from milestone_escrow.messages import Domain
from milestone_escrow.revert_sentences import selector
from milestone_escrow.typed_data import agreement_typed_data, deal_id

FEE_BPS = 250
FIRST, SECOND = 600_000, 400_000
FEE = FIRST * FEE_BPS // 10_000


class Parties(NamedTuple):
    employer: AccountAPI
    freelancer: AccountAPI
    platform: AccountAPI
    stranger: AccountAPI


@pytest.fixture(scope="session", autouse=True)
def readable_reverts() -> Iterator[None]:
    """Give ape-hardhat the node's error itself: web3 7 has put it into words that it misreads."""
    misreading = HardhatProvider.get_virtual_machine_error

    def read(self: HardhatProvider, exception: Exception, **details: Any) -> Any:
        answer = getattr(exception, "rpc_response", None)
        return misreading(self, ValueError(answer["error"]) if answer else exception, **details)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(HardhatProvider, "get_virtual_machine_error", read)
        yield


@pytest.fixture(scope="module")
def parties(accounts: Any) -> Parties:
    return Parties(*accounts[1:5])


@pytest.fixture(scope="module")
def escrow(project: ProjectManager, accounts: Any) -> ContractInstance:
    return project.MilestoneEscrow.deploy(sender=accounts[0])


@pytest.fixture(scope="module")
def token(project: ProjectManager, parties: Parties, escrow: ContractInstance) -> ContractInstance:
    token = project.TestToken.deploy("Test dollar", "TUSD", 6, sender=parties.employer)
    token.mint(parties.employer, FIRST + SECOND, sender=parties.employer)
    token.approve(escrow, FIRST + SECOND, sender=parties.employer)
    return token


@pytest.fixture
def now(chain: ChainManager) -> int:
    return chain.blocks.head.timestamp


def agreed(parties: Parties, now: int, **changes: Any) -> Agreement:
    terms: dict[str, Any] = {
        "employer": str(parties.employer.address),
        "freelancer": str(parties.freelancer.address),
        "platform": str(parties.platform.address),
        "fee_bps": FEE_BPS,
        "accept_by": now + DAY,
        "document": b"\xd0" * 32,
        "milestones": [(FIRST, now + 10 * DAY), (SECOND, now + 20 * DAY)],
    }
    return Agreement.build(**terms | changes)


@pytest.fixture
def deal(
    escrow: ContractInstance, parties: Parties, now: int, chain: ChainManager
) -> tuple[tuple[Any, ...], bytes]:
    """A deal that the freelancer's signature bound, both milestones funded: (struct, id)."""
    agreement = agreed(parties, now)
    domain = Domain(chain.chain_id, str(escrow.address))
    message = encode_typed_data(full_message=agreement_typed_data(agreement, domain))
    signature = parties.freelancer.sign_message(message)
    assert signature is not None
    struct = agreement.as_tuple()
    escrow.fund(
        struct, [0, 1], signature.encode_rsv(), value=agreement.price, sender=parties.employer
    )
    return struct, deal_id(agreement, domain)


def refused(error: str) -> Any:
    """Expect a refusal; sparingly, since Ape takes seconds to trace one."""
    return ape.reverts("0x" + selector(error).hex())


def only(receipt: ReceiptAPI, name: str) -> Any:
    (event,) = [event for event in receipt.events if event.event_name == name]
    return event


def test_a_signature_by_an_account_of_ape_binds(
    escrow: ContractInstance, deal: tuple[Any, bytes]
) -> None:
    struct, id_ = deal
    assert escrow.deal_id(struct) == id_
    state = escrow.deal(id_)
    assert (state.opened, state.bound, state.funded, state.settled) == (True, True, 0b11, 0)
    assert escrow.balance == FIRST + SECOND


def test_only_the_employer_releases(
    escrow: ContractInstance, deal: tuple[Any, bytes], parties: Parties
) -> None:
    struct, id_ = deal
    with refused("NotEmployer"):
        escrow.release(struct, [0], sender=parties.freelancer)
    before = parties.freelancer.balance
    part = escrow.release_part(struct, 0, FIRST // 3, sender=parties.employer)
    assert only(part, "Released").remaining == FIRST - FIRST // 3
    rest = escrow.release(struct, [0], sender=parties.employer)
    released = only(rest, "Released")
    assert (released.gross, released.reason) == (FIRST - FIRST // 3, Reason.EMPLOYER)
    assert parties.freelancer.balance - before == FIRST - FEE
    assert escrow.milestone(id_, 0).status == Status.SETTLED

    escrow.withdraw_credit(ZERO_ADDRESS, parties.stranger, sender=parties.platform)
    assert escrow.credit(ZERO_ADDRESS, parties.platform) == 0
    assert escrow.balance == SECOND


def test_only_the_freelancer_cancels(
    escrow: ContractInstance, deal: tuple[Any, bytes], parties: Parties
) -> None:
    struct, _ = deal
    with refused("NotFreelancer"):
        escrow.cancel(struct, [1], sender=parties.employer)
    before = parties.employer.balance
    cancelled = escrow.cancel(struct, [1], sender=parties.freelancer)
    assert only(cancelled, "Refunded").reason == Reason.CANCEL
    assert parties.employer.balance - before == SECOND


def test_anyone_claims_after_the_review_period(
    escrow: ContractInstance, deal: tuple[Any, bytes], parties: Parties, chain: ChainManager
) -> None:
    struct, id_ = deal
    escrow.request_release(struct, [0], ZERO_HASH, sender=parties.freelancer)
    chain.mine(timestamp=escrow.milestone(id_, 0).since + 30 * DAY)
    claimed = escrow.claim(struct, [0], sender=parties.stranger)
    assert only(claimed, "Released").reason == Reason.OVERDUE


def test_reserved_money_is_withdrawn_and_the_rest_accepted(
    escrow: ContractInstance, parties: Parties, now: int
) -> None:
    agreement = agreed(parties, now)
    struct = agreement.as_tuple()
    escrow.fund(struct, [0, 1], b"", value=agreement.price, sender=parties.employer)
    escrow.withdraw(struct, [1], sender=parties.employer)
    assert escrow.balance == FIRST
    escrow.accept(struct, [0], sender=parties.freelancer)
    assert escrow.deal(escrow.deal_id(struct)).bound


def test_a_deal_in_a_token(
    escrow: ContractInstance, token: ContractInstance, parties: Parties, now: int
) -> None:
    struct = agreed(parties, now, token=str(token.address)).as_tuple()
    escrow.fund(struct, [0, 1], b"", sender=parties.employer)
    escrow.accept(struct, [0, 1], sender=parties.freelancer)
    escrow.release(struct, [0], sender=parties.employer)
    assert token.balanceOf(parties.freelancer) == FIRST - FEE
    assert token.balanceOf(escrow) == SECOND + escrow.credit(token, parties.platform)


def test_a_refused_coin_becomes_a_credit(
    escrow: ContractInstance, project: ProjectManager, parties: Parties, now: int
) -> None:
    shop = project.Shop.deploy(sender=parties.freelancer)
    struct = agreed(
        parties, now, payee=str(shop.address), platform=ZERO_ADDRESS, fee_bps=0
    ).as_tuple()
    escrow.fund(struct, [0], b"", value=FIRST, sender=parties.employer)
    escrow.accept(struct, [0], sender=parties.freelancer)
    escrow.release(struct, [0], sender=parties.employer)
    assert escrow.credit(ZERO_ADDRESS, shop) == FIRST
    shop.set_open(True, sender=parties.stranger)
    escrow.pay_credit(ZERO_ADDRESS, shop, sender=parties.stranger)
    assert shop.balance == FIRST
