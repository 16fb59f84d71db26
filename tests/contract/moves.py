"""The calls on milestones, as one table: who makes each, in which states, what comes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from milestone_escrow.agreement import Agreement
from milestone_escrow.state import Status
from tests.contract.scene import Scene
from tests.escrow import Outcome

__all__ = ["MOVES", "Move"]

Act = Callable[[Scene, Agreement, Sequence[int], str], Outcome]


@dataclass(frozen=True, slots=True)
class Move:
    """One call.

    Attributes:
        role: Who may make it, a field of the agreement; None: anyone.
        leads: From each state in which it is possible, to which.
        refusals: The error in each other state.
        act: Makes the call on indexes, as a sender.
        repeated: The error when an index is named twice.
        records_activity: It is a party's act, recorded after the final deadline.
    """

    role: str | None
    leads: Mapping[Status, Status]
    refusals: Mapping[Status, str]
    act: Act
    repeated: str
    records_activity: bool = True


def _release_part(scene: Scene, agreement: Agreement, indexes: Sequence[int], who: str) -> Outcome:
    (index,) = indexes  # the one call that takes a single milestone
    return scene.escrow.release_part(agreement, index, 400, sender=who)


def _claim(scene: Scene, agreement: Agreement, indexes: Sequence[int], who: str) -> Outcome:
    # The first second at which it is possible, if the request was made just now.
    scene.chain.now += agreement.review_period
    return scene.escrow.claim(agreement, indexes, sender=who)


_EMPTY = {Status.AGREED: "NotFunded", Status.SETTLED: "AlreadySettled"}
_UNBOUND = {Status.AGREED: "NotBound", Status.RESERVED: "NotBound"}

MOVES: Final = {
    "fund": Move(
        role="employer",
        leads={Status.AGREED: Status.RESERVED},
        refusals=dict.fromkeys([*Status][1:], "AlreadyFunded"),
        act=lambda scene, agreement, indexes, who: scene.escrow.fund(
            agreement, indexes, sender=who
        ),
        repeated="AlreadyFunded",
        records_activity=False,  # there is none before the final deadline
    ),
    "accept": Move(
        role="freelancer",
        leads={Status.RESERVED: Status.FUNDED},
        refusals={Status.AGREED: "NotFunded"} | dict.fromkeys([*Status][2:], "AlreadyBound"),
        act=lambda scene, agreement, indexes, who: scene.escrow.accept(
            agreement, indexes, sender=who
        ),
        repeated="RepeatedIndex",
        records_activity=False,  # there is none before the final deadline
    ),
    "withdraw": Move(
        role="employer",
        leads={Status.RESERVED: Status.AGREED},
        refusals={Status.AGREED: "NotFunded"} | dict.fromkeys([*Status][2:], "AlreadyBound"),
        act=lambda scene, agreement, indexes, who: scene.escrow.withdraw(
            agreement, indexes, sender=who
        ),
        repeated="NotFunded",
    ),
    "request_release": Move(
        role="freelancer",
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
        role="freelancer",
        leads={Status.REQUESTED: Status.FUNDED},
        refusals={
            **_EMPTY,
            Status.RESERVED: "NoRequest",
            Status.FUNDED: "NoRequest",
            Status.DISPUTED: "InDispute",
        },
        act=lambda scene, agreement, indexes, who: scene.escrow.void_request(
            agreement, indexes, sender=who
        ),
        repeated="NoRequest",
    ),
    "release": Move(
        role="employer",
        leads=dict.fromkeys([*Status][1:5], Status.SETTLED),
        refusals=_EMPTY,
        act=lambda scene, agreement, indexes, who: scene.escrow.release(
            agreement, indexes, sender=who
        ),
        repeated="AlreadySettled",
    ),
    "release_part": Move(
        role="employer",
        leads={Status.FUNDED: Status.FUNDED, Status.REQUESTED: Status.REQUESTED},
        refusals={
            **_UNBOUND,
            Status.DISPUTED: "InDispute",
            Status.SETTLED: "AlreadySettled",
        },
        act=_release_part,
        repeated="",  # it takes one index
    ),
    "claim": Move(
        role=None,
        leads={Status.REQUESTED: Status.SETTLED},
        refusals={
            **_EMPTY,
            Status.RESERVED: "NoRequest",
            Status.FUNDED: "NoRequest",
            Status.DISPUTED: "InDispute",
        },
        act=_claim,
        repeated="AlreadySettled",
        records_activity=False,  # strangers may make it
    ),
    "cancel": Move(
        role="freelancer",
        leads=dict.fromkeys([*Status][2:5], Status.SETTLED),
        refusals={**_UNBOUND, Status.SETTLED: "AlreadySettled"},
        act=lambda scene, agreement, indexes, who: scene.escrow.cancel(
            agreement, indexes, sender=who
        ),
        repeated="AlreadySettled",
    ),
}
