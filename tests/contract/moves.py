"""The calls on milestones, as one table: who makes each, in which states, what comes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pytest

from milestone_escrow.agreement import Agreement
from milestone_escrow.exceptions import ContractRevert
from milestone_escrow.state import Status
from tests.contract import consent
from tests.contract.scene import LAPSE, Scene
from tests.escrow import Outcome
from tests.roles import ROLES, STRANGER

__all__ = ["MOVES", "SENDERS", "Move", "check_sender"]

SENDERS: Final = (*ROLES, "token")
PARTIES: Final = ("employer", "freelancer")
_OUTSIDERS: Final = {
    ("employer",): "NotEmployer",
    ("freelancer",): "NotFreelancer",
    ("arbiter",): "NotArbiter",
    PARTIES: "NotParty",
}

Act = Callable[[Scene, Agreement, Sequence[int], str], Outcome]


@dataclass(frozen=True, slots=True)
class Move:
    """One call.

    Attributes:
        roles: Who may make it, fields of the agreement; none: anyone.
        leads: From each state in which it is possible, to which.
        refusals: The error in each other state, or those that two roles get.
        act: Makes the call on indexes, as a sender.
        repeated: The error when an index is named twice; empty: it takes one index, or none.
        records_activity: It is an act of a party or the arbiter, recorded after the final deadline.
        when: The first second at which it is possible, if the state was made just now.
    """

    roles: tuple[str, ...]
    leads: Mapping[Status, Status]
    refusals: Mapping[Status, str | tuple[str, ...]]
    act: Act
    repeated: str = ""
    records_activity: bool = True
    when: Callable[[Scene, Agreement], int] = lambda scene, agreement: scene.chain.now

    def sender(self, agreement: Agreement) -> str:
        """Return who makes it: the first of those who may, or a stranger."""
        return str(getattr(agreement, self.roles[0])) if self.roles else STRANGER

    @property
    def outsiders_error(self) -> str:
        """The error for whoever may not make it."""
        return _OUTSIDERS[self.roles]

    def errors_in(self, status: Status) -> tuple[str, ...]:
        """Return the errors in a state in which it is not possible."""
        error = self.refusals[status]
        return (error,) if isinstance(error, str) else error


def on_indexes(name: str) -> Act:
    """Return the act of a call that takes an agreement and indexes."""
    return lambda scene, agreement, indexes, who: scene.escrow.send(
        name, agreement, list(indexes), sender=who
    )


def _amend(scene: Scene, agreement: Agreement, indexes: Sequence[int], who: str) -> Outcome:
    new = consent.successor(scene, agreement)
    return consent.amend(scene, agreement, new, indexes, sender=who)


def _redeem_part(scene: Scene, agreement: Agreement, indexes: Sequence[int], who: str) -> Outcome:
    (index,) = indexes
    paid = scene.escrow.milestone(agreement, index).paid
    return consent.redeem(scene, agreement, index, paid + 400, sender=who)


def _redeem_all(scene: Scene, agreement: Agreement, indexes: Sequence[int], who: str) -> Outcome:
    (index,) = indexes
    return consent.redeem(scene, agreement, index, agreement.milestones[index].amount, sender=who)


_EMPTY = {Status.AGREED: "NotFunded", Status.SETTLED: "AlreadySettled"}
_UNBOUND = {Status.AGREED: "NotBound", Status.RESERVED: "NotBound"}
# Of the calls that take one index, which look at the milestone first.
_NO_PART = {**_EMPTY, Status.RESERVED: "NotBound"}
_NO_REQUEST = {
    **_EMPTY,
    Status.RESERVED: "NoRequest",
    Status.FUNDED: "NoRequest",
    Status.DISPUTED: "InDispute",
}
_NO_DISPUTE = {**_EMPTY, **dict.fromkeys([*Status][1:4], "NotInDispute")}
_FUNDING = {Status.AGREED: Status.RESERVED}
_NOT_AGREED = dict.fromkeys([*Status][1:], "AlreadyFunded")

MOVES: Final = {
    "fund": Move(
        roles=("employer",),
        leads=_FUNDING,
        refusals=_NOT_AGREED,
        act=lambda scene, agreement, indexes, who: scene.escrow.fund(
            agreement, indexes, sender=who
        ),
        repeated="AlreadyFunded",
        records_activity=False,  # there is none before the final deadline
    ),
    "accept": Move(
        roles=("freelancer",),
        leads={Status.RESERVED: Status.FUNDED},
        refusals={Status.AGREED: "NotFunded"} | dict.fromkeys([*Status][2:], "AlreadyBound"),
        act=on_indexes("accept"),
        repeated="RepeatedIndex",
        records_activity=False,  # there is none before the final deadline
    ),
    "withdraw": Move(
        roles=("employer",),
        leads={Status.RESERVED: Status.AGREED},
        refusals={Status.AGREED: "NotFunded"} | dict.fromkeys([*Status][2:], "AlreadyBound"),
        act=on_indexes("withdraw"),
        repeated="NotFunded",
    ),
    "amend": Move(
        roles=("employer",),
        leads={Status.AGREED: Status.AGREED} | dict.fromkeys([*Status][1:], Status.SETTLED),
        refusals={},
        act=_amend,  # the indexes are the new deal's
        records_activity=False,  # the old deal is closed, the new one's final deadline is ahead
    ),
    "request_release": Move(
        roles=("freelancer",),
        leads={Status.FUNDED: Status.REQUESTED},
        refusals={
            **_UNBOUND,
            Status.REQUESTED: "RequestOpen",
            Status.DISPUTED: "InDispute",
            Status.SETTLED: "AlreadySettled",
        },
        act=lambda scene, agreement, indexes, who: scene.escrow.request_release(
            agreement, indexes, sender=who
        ),
        repeated="RequestOpen",
    ),
    "void_request": Move(
        roles=("freelancer",),
        leads={Status.REQUESTED: Status.FUNDED},
        refusals=_NO_REQUEST,
        act=on_indexes("void_request"),
        repeated="NoRequest",
    ),
    "release": Move(
        roles=("employer",),
        leads=dict.fromkeys([*Status][1:5], Status.SETTLED),
        refusals=_EMPTY,
        act=on_indexes("release"),
        repeated="AlreadySettled",
    ),
    "release_part": Move(
        roles=("employer",),
        leads={Status.FUNDED: Status.FUNDED, Status.REQUESTED: Status.REQUESTED},
        refusals={**_NO_PART, Status.DISPUTED: "InDispute"},
        act=lambda scene, agreement, indexes, who: scene.escrow.release_part(
            agreement, indexes[0], 400, sender=who
        ),
    ),
    "redeem": Move(
        roles=(),
        leads={Status.FUNDED: Status.FUNDED, Status.REQUESTED: Status.REQUESTED},
        refusals={**_NO_PART, Status.DISPUTED: "InDispute"},
        act=_redeem_part,
        records_activity=False,
    ),
    "redeem_all": Move(
        roles=(),
        leads=dict.fromkeys([*Status][2:5], Status.SETTLED),
        refusals=_NO_PART,
        act=_redeem_all,
        records_activity=False,
    ),
    "claim": Move(
        roles=(),
        leads={Status.REQUESTED: Status.SETTLED},
        refusals=_NO_REQUEST,
        act=on_indexes("claim"),
        repeated="AlreadySettled",
        records_activity=False,
        when=lambda scene, agreement: scene.chain.now + agreement.review_period,
    ),
    "cancel": Move(
        roles=("freelancer",),
        leads=dict.fromkeys([*Status][2:5], Status.SETTLED),
        refusals={**_UNBOUND, Status.SETTLED: "AlreadySettled"},
        act=on_indexes("cancel"),
        repeated="AlreadySettled",
    ),
    "dispute": Move(
        roles=PARTIES,
        leads={Status.REQUESTED: Status.DISPUTED},
        refusals={
            **_NO_PART,
            Status.FUNDED: ("DeadlineAhead", "NoRequest"),
            Status.DISPUTED: "InDispute",
        },
        act=lambda scene, agreement, indexes, who: scene.escrow.dispute(
            agreement, indexes[0], sender=who
        ),
    ),
    "rule": Move(
        roles=("arbiter",),
        leads={Status.DISPUTED: Status.SETTLED},
        refusals=_NO_DISPUTE,
        act=lambda scene, agreement, indexes, who: scene.escrow.rule(
            agreement, indexes[0], 400, sender=who
        ),
    ),
    "apply_fallback": Move(
        roles=(),
        leads={Status.DISPUTED: Status.SETTLED},
        refusals=_NO_DISPUTE,
        act=lambda scene, agreement, indexes, who: scene.escrow.apply_fallback(
            agreement, indexes[0], sender=who
        ),
        records_activity=False,
        when=lambda scene, agreement: scene.chain.now + agreement.ruling_period,
    ),
    "settle": Move(
        roles=PARTIES,
        leads=dict.fromkeys([*Status][2:5], Status.SETTLED),
        refusals={**_UNBOUND, Status.SETTLED: "AlreadySettled"},
        act=lambda scene, agreement, indexes, who: consent.settle(
            scene, agreement, indexes, [400] * len(indexes), sender=who
        ),
        repeated="AlreadySettled",
    ),
    "settle_dormant": Move(
        roles=(),
        leads={Status.FUNDED: Status.SETTLED},
        refusals={
            **_UNBOUND,
            Status.REQUESTED: "RequestOpen",
            Status.DISPUTED: "InDispute",
            Status.SETTLED: "AlreadySettled",
        },
        act=on_indexes("settle_dormant"),
        repeated="AlreadySettled",
        records_activity=False,
        when=lambda scene, agreement: agreement.final_deadline + LAPSE,
    ),
    "keep_alive": Move(
        roles=("employer",),
        leads={status: status for status in Status},
        refusals={},
        act=lambda scene, agreement, indexes, who: scene.escrow.keep_alive(agreement, sender=who),
        when=lambda scene, agreement: agreement.final_deadline,
    ),
}


def check_sender(scene: Scene, move: Move, sender: str, status: Status) -> None:
    """See that a move by a sender does in a state what the table says, and nothing else.

    The scene must be in a token: it is one of the senders.
    """
    agreement = scene.at(status)
    scene.chain.now = move.when(scene, agreement)
    before, who = scene.words(agreement), _address_of(scene, sender)
    entitled = not move.roles or sender in move.roles
    if entitled and status in move.leads:
        move.act(scene, agreement, (0,), who)
        assert scene.escrow.status(agreement) is move.leads[status]
        return
    with pytest.raises(ContractRevert) as refused:
        move.act(scene, agreement, (0,), who)
    assert scene.words(agreement) == before
    allowed = () if status in move.leads else move.errors_in(status)
    # Where the state forbids it too, either error is a good answer to whoever may not.
    assert refused.value.error in (allowed if entitled else (*allowed, move.outsiders_error))


def _address_of(scene: Scene, sender: str) -> str:
    if sender != "token":
        return ROLES[sender]
    assert scene.token
    scene.chain.set_code(scene.token.address, b"")  # only what has no code can send
    return scene.token.address
