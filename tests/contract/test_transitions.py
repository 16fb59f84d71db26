"""Every call by every address in every state: what the table of `moves` says, nothing else."""

from __future__ import annotations

import pytest

from milestone_escrow.agreement import Agreement
from milestone_escrow.exceptions import ContractRevert
from milestone_escrow.state import Status
from tests.contract import consent
from tests.contract.moves import MOVES, SENDERS, check_sender
from tests.contract.scene import HOLDING, Scene
from tests.evm import reverts


@pytest.fixture(params=Status, ids=lambda status: status.name.lower())
def status(request: pytest.FixtureRequest) -> Status:
    given: Status = request.param
    return given


@pytest.mark.parametrize("sender", SENDERS)
@pytest.mark.parametrize("name", MOVES)
def test_who_can_do_what_in_which_state(
    erc20: Scene, name: str, sender: str, status: Status
) -> None:
    check_sender(erc20, MOVES[name], sender, status)


@pytest.mark.parametrize("name", [name for name in MOVES if name != "fund"])
def test_nothing_can_be_done_with_a_deal_that_was_never_opened(native: Scene, name: str) -> None:
    agreement, move = native.agreement(), MOVES[name]
    with reverts("NotOpened"):
        move.act(native, agreement, (0,), move.sender(agreement))
    assert not any(native.words(agreement))


@pytest.mark.parametrize("status", HOLDING, ids=lambda status: status.name.lower())
@pytest.mark.parametrize("name", MOVES)
def test_abuse_57_nothing_can_be_done_with_a_deal_that_was_closed(
    native: Scene, name: str, status: Status
) -> None:
    agreement, move = native.at(status), MOVES[name]
    consent.amend(native, agreement, consent.successor(native, agreement), (0,))
    before = native.words(agreement)
    for index in (0, 1):  # what was funded, and what was not
        with reverts("DealClosed"):
            move.act(native, agreement, (index,), move.sender(agreement))
    assert native.words(agreement) == before
    assert native.escrow.deal(agreement).closed


# Amending takes the indexes of another agreement: see `test_amend_terms`.
BATCHES = [name for name, move in MOVES.items() if move.repeated and name != "amend"]


def ready(scene: Scene, name: str) -> Agreement:
    """Return a deal whose milestones 0 and 1 are in the first state that a call takes, in time."""
    make = {
        Status.AGREED: lambda indexes: scene.opened((2,)),
        Status.RESERVED: scene.opened,
        Status.FUNDED: scene.bound,
        Status.REQUESTED: scene.requested,
    }
    agreement = make[next(iter(MOVES[name].leads))]((0, 1))
    scene.chain.now = MOVES[name].when(scene, agreement)
    return agreement


@pytest.mark.parametrize("name", BATCHES)
def test_a_batch_does_all_that_it_names_and_no_more(native: Scene, name: str) -> None:
    move = MOVES[name]
    agreement = ready(native, name)
    (before, after), *_ = move.leads.items()
    move.act(native, agreement, (1, 0), move.sender(agreement))
    assert [native.escrow.status(agreement, index) for index in (0, 1)] == [after, after]
    other = ready(native, name)
    move.act(native, other, (1,), move.sender(other))
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
        move.act(scene, agreement, indexes, move.sender(agreement))
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
    scene.chain.now = move.when(scene, agreement)
    before, balances = scene.words(agreement), scene.balances()
    with pytest.raises(ContractRevert) as refused:
        move.act(scene, agreement, (1, 0), move.sender(agreement))
    assert refused.value.error in (
        ["NotFunded"] if unfit is Status.AGREED else move.errors_in(unfit)
    )
    assert scene.words(agreement) == before
    assert scene.gains(balances) == {}


def test_more_indexes_than_an_agreement_can_have_do_not_even_decode(native: Scene) -> None:
    agreement = native.agreement(milestones=[(5, 1_000)] * 10, accept_by=native.chain.now + 9)
    with reverts("NoReason"):
        native.escrow.fund(agreement, [*range(10), 0])
    native.escrow.fund(agreement, range(10))
    assert native.escrow.deal(agreement).funded == 2**10 - 1
