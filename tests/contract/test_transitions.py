"""Every call by every address in every state: what the table of `moves` says, nothing else."""

from __future__ import annotations

import pytest

from milestone_escrow.agreement import Agreement
from milestone_escrow.exceptions import ContractRevert
from milestone_escrow.state import Status
from tests.contract.moves import MOVES
from tests.contract.scene import Scene
from tests.evm import reverts
from tests.roles import ROLES

SENDERS = (*ROLES, "token")
NOT_IN_ROLE = {"employer": "NotEmployer", "freelancer": "NotFreelancer"}


@pytest.fixture(params=Status)
def status(request: pytest.FixtureRequest) -> Status:
    given: Status = request.param
    return given


def address_of(sender: str, scene: Scene) -> str:
    if sender != "token":
        return ROLES[sender]
    assert scene.token
    scene.chain.set_code(scene.token.address, b"")  # only what has no code can send
    return scene.token.address


@pytest.mark.parametrize("sender", SENDERS)
@pytest.mark.parametrize("name", MOVES)
def test_who_can_do_what_in_which_state(
    erc20: Scene, name: str, sender: str, status: Status
) -> None:
    move, scene = MOVES[name], erc20
    agreement = scene.at(status)
    before, who = scene.words(agreement), address_of(sender, scene)
    in_role = move.role in (None, sender)
    if in_role and status in move.leads:
        move.act(scene, agreement, (0,), who)
        assert scene.escrow.status(agreement) is move.leads[status]
        return
    refusal = move.refusals.get(status, "") if in_role else NOT_IN_ROLE[str(move.role)]
    with reverts(refusal):
        move.act(scene, agreement, (0,), who)
    assert scene.words(agreement) == before


@pytest.mark.parametrize("name", [name for name in MOVES if name != "fund"])
def test_nothing_can_be_done_with_a_deal_that_was_never_opened(native: Scene, name: str) -> None:
    agreement = native.agreement()
    who = getattr(agreement, MOVES[name].role or "arbiter")
    with reverts("NotOpened"):
        MOVES[name].act(native, agreement, (0,), who)
    assert not any(native.words(agreement))


@pytest.mark.parametrize("name", MOVES)
def test_nothing_can_be_done_with_a_deal_that_was_closed(native: Scene, name: str) -> None:
    agreement = native.requested()
    # The escrow has no call that closes a deal yet, so the bit is written.
    native.escrow.set_deal_word(agreement, native.escrow.deal_word(agreement) | 1 << 1)
    before = native.words(agreement)
    who = getattr(agreement, MOVES[name].role or "arbiter")
    with reverts("DealClosed"):
        MOVES[name].act(native, agreement, (0,), who)
    assert native.words(agreement) == before
    assert native.escrow.deal(agreement).closed


BATCHES = [name for name in MOVES if name != "release_part"]


def ready(scene: Scene, name: str) -> Agreement:
    """Return a deal whose milestones 0 and 1 are in the first state that a call takes."""
    make = {
        Status.AGREED: lambda indexes: scene.opened((2,)),
        Status.RESERVED: scene.opened,
        Status.FUNDED: scene.bound,
        Status.REQUESTED: scene.requested,
    }
    return make[next(iter(MOVES[name].leads))]((0, 1))


@pytest.mark.parametrize("name", BATCHES)
def test_a_batch_does_all_that_it_names_and_no_more(native: Scene, name: str) -> None:
    move = MOVES[name]
    agreement = ready(native, name)
    (before, after), *_ = move.leads.items()
    move.act(native, agreement, (1, 0), getattr(agreement, move.role or "arbiter"))
    assert [native.escrow.status(agreement, index) for index in (0, 1)] == [after, after]
    other = ready(native, name)
    move.act(native, other, (1,), getattr(other, move.role or "arbiter"))
    untouched = Status.FUNDED if name == "accept" else before  # who accepts, accepts all
    assert native.escrow.status(other, 0) is untouched


@pytest.mark.parametrize(
    ("indexes", "error"),
    [
        ((), "NoIndexes"),
        ((0, 3), "BadIndex"),
        ((2**256 - 1, 0), "BadIndex"),
        ((0, 2**8), "BadIndex"),
        ((0, 1, 0), "repeated"),
        ((1, 1), "repeated"),
    ],
)
@pytest.mark.parametrize("name", BATCHES)
def test_abuse_52_one_unfit_index_reverts_the_whole_batch(
    scene: Scene, name: str, indexes: tuple[int, ...], error: str
) -> None:
    move = MOVES[name]
    agreement = ready(scene, name)
    before, balances = scene.words(agreement), scene.balances()
    with pytest.raises(ContractRevert) as refused:
        move.act(scene, agreement, indexes, getattr(agreement, move.role or "arbiter"))
    assert refused.value.error == (move.repeated if error == "repeated" else error)
    assert scene.words(agreement) == before
    assert scene.gains(balances) == {}


# Of a bound deal, where milestones differ in state. None of its milestones is reserved.
UNFIT = [
    (name, status)
    for name in BATCHES
    for status in MOVES[name].refusals
    if name not in ("fund", "accept", "withdraw") and status is not Status.RESERVED
]


@pytest.mark.parametrize(("name", "unfit"), UNFIT)
def test_abuse_52_one_milestone_in_another_state_reverts_the_whole_batch(
    scene: Scene, name: str, unfit: Status
) -> None:
    move = MOVES[name]
    agreement = scene.bound((1,) if unfit is Status.AGREED else (0, 1))
    if unfit is Status.SETTLED:
        scene.escrow.cancel(agreement, (0,))
    elif unfit in (Status.REQUESTED, Status.DISPUTED):
        scene.escrow.request_release(agreement, (0,))
    if unfit is Status.DISPUTED:
        scene.dispute(agreement, 0)
    if Status.FUNDED not in move.leads:
        scene.escrow.request_release(agreement, (1,))
    before, balances = scene.words(agreement), scene.balances()
    with pytest.raises(ContractRevert) as refused:
        move.act(scene, agreement, (1, 0), getattr(agreement, move.role or "arbiter"))
    assert refused.value.error == ("NotFunded" if unfit is Status.AGREED else move.refusals[unfit])
    assert scene.words(agreement) == before
    assert scene.gains(balances) == {}


def test_more_indexes_than_an_agreement_can_have_do_not_even_decode(native: Scene) -> None:
    agreement = native.agreement(milestones=[(5, 1_000)] * 10, accept_by=native.chain.now + 9)
    with reverts("NoReason"):
        native.escrow.fund(agreement, [*range(10), 0])
    native.escrow.fund(agreement, range(10))
    assert native.escrow.deal(agreement).funded == 2**10 - 1
