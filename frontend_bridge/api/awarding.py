"""Awarding: the freelancer's signature, handed out with the call that binds with it."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from msgspec import UNSET

from frontend_bridge.api import models, models_jobs, models_prepare, preparing
from frontend_bridge.api.asked import Asked
from frontend_bridge.api.bodies import CALL_BODIES
from frontend_bridge.api.node import NodeWork
from frontend_bridge.api.problems import Refused
from frontend_bridge.api.proposals import answer_of, own
from milestone_escrow.abi_values import ZERO_HASH
from milestone_escrow.exceptions import UsageError
from milestone_escrow.offchain import proposals
from milestone_escrow.offchain.proposal import Proposal, ProposalStatus
from milestone_escrow.times import instant

__all__ = ["award", "first_of_award"]

Told = models.Answer[models_prepare.Prepared]


def first_of_award(asked: Asked, *, proposal: int, body: models_jobs.AwardProposal) -> NodeWork:
    """Prepare the call: what the contract would refuse now is not a reason to hand anything out."""
    found = _to_award(asked, proposal)
    signature = "0x" + proposals.signature_of(asked.db, proposal).hex()
    terms = found.agreement
    new = msgspec.convert(terms.to_json(), models.Agreement)
    common: dict[str, Any] = {"sender": asked.who, "signature": signature}
    common["indexes"] = _indexes(asked, found) if body.indexes is UNSET else body.indexes
    if _call(found) == "fund":
        given = CALL_BODIES["fund"](**common, agreement=new)
    else:
        given = CALL_BODIES["amend"](
            **common, deal_id="0x" + terms.supersedes.hex(), new=new, expiry=str(terms.accept_by)
        )
    return preparing.handler(_call(found))(asked.view, body=given)


def award(
    asked: Asked, *, proposal: int, body: models_jobs.AwardProposal, told: Told
) -> models.Answer[models_jobs.Award]:
    """Hand the signature out, and remember when."""
    found = _to_award(asked, proposal)
    signature = proposals.hand_out(asked.db, proposal, asked.now)
    shown = answer_of(asked, own(asked, proposal))
    return models.Answer(
        data=models_jobs.Award(
            proposal=shown.data,
            signature="0x" + signature.hex(),
            call=_call(found),
            prepared=told.data,
        ),
        block=shown.block,
    )


def _to_award(asked: Asked, number: int) -> Proposal:
    """Return a proposal that may be awarded by who asks.

    Raises:
        Refused: It is not the employer who asks (403).
        UsageError: It was withdrawn, has expired, is an employer's, or is bound already.
    """
    found = own(asked, number)
    if found.agreement.employer != asked.who:
        raise Refused(
            403, "The employer awards.", "Sign in with the employer's account.", "not-yours"
        )
    view = asked.view
    bound = bool(view.pages.bound([found.deal_id]))
    status = found.status(view.shapes.now, bound=bound)
    if status is ProposalStatus.AWARDED:
        raise UsageError(
            "The deal is bound already.", "Go on with the deal itself.", code="already-awarded"
        )
    if status is ProposalStatus.EXPIRED:
        raise UsageError(
            f"The proposal could be accepted until {instant(found.agreement.accept_by)}, and that "
            "is past.",
            "Ask the freelancer for another.",
            code="expired",
        )
    proposals.signature_of(asked.db, number)  # of what was withdrawn or never signed there is none
    return found


def _call(found: Proposal) -> Literal["fund", "amend"]:
    return "fund" if found.agreement.supersedes == ZERO_HASH else "amend"


def _indexes(asked: Asked, found: Proposal) -> list[int]:
    """Return the first milestones that take all that is reserved, at least the first one."""
    terms = found.agreement
    moving = 0
    if terms.supersedes != ZERO_HASH:
        moving = asked.view.kept(terms.supersedes).deal.remaining
    total = 0
    taken: list[int] = []
    for index, milestone in enumerate(terms.milestones):
        if taken and total >= moving:
            break
        taken.append(index)
        total += milestone.amount
    return taken
