"""Jobs and proposals as the API sends them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import cast

import msgspec
from sqlalchemy.engine import Connection

from frontend_bridge.api import models, models_jobs
from frontend_bridge.api.shapes import time_of
from frontend_bridge.api.view import View
from milestone_escrow.exceptions import UnknownDeal
from milestone_escrow.offchain.jobs import Budget, Job
from milestone_escrow.offchain.proposal import Proposal
from milestone_escrow.offchain.proposal_terms import Caution, cautions_of_job, cautions_of_terms
from milestone_escrow.offchain.proposals import deals_of_jobs

__all__ = ["JobShapes", "awarded"]


def awarded(view: View, db: Connection, jobs: Sequence[Job]) -> frozenset[int]:
    """Return the numbers of the jobs for which a deal was proposed to which somebody is bound."""
    proposed = deals_of_jobs(db, [job.number for job in jobs])
    bound = view.pages.bound(frozenset().union(*proposed.values()))
    return frozenset(number for number, deals in proposed.items() if deals & bound)


@dataclass(frozen=True, slots=True)
class JobShapes:
    """Shapes jobs and proposals as they are at the end of one block.

    Attributes:
        view: The commit of the index.
    """

    view: View
    _settled: dict[str, bool] = field(default_factory=dict)

    # --- Jobs

    def job(self, job: Job, *, awarded: bool) -> models_jobs.Job:
        """Return a job."""
        draft, shapes = job.draft, self.view.shapes
        reserve = None if draft.reserve is None else self._reserve(draft.reserve)
        token = None if draft.budget is None else draft.budget.token
        if reserve is not None and reserve.held is not None:
            token = reserve.held.token
        known = self._has_settled(job.employer)
        return models_jobs.Job(
            id=job.number,
            employer=job.employer,
            title=draft.title,
            description=draft.description,
            tags=list(draft.tags),
            budget=None if draft.budget is None else self._budget(draft.budget),
            closes=_maybe(draft.closes),
            status=job.status(shapes.now, awarded=awarded).value,
            reserve=reserve,
            replaces=draft.replaces,
            replaced_by=job.replaced_by,
            created=time_of(job.created),
            closed=_maybe(job.closed),
            warnings=_shown(cautions_of_job(token, shapes.token_of, known=known)),
        )

    def _budget(self, budget: Budget) -> models_jobs.Budget:
        amount, token = self.view.shapes.amount, budget.token
        return models_jobs.Budget(min=amount(budget.least, token), max=amount(budget.most, token))

    def _reserve(self, deal_id: bytes) -> models_jobs.Reserve:
        shown = "0x" + deal_id.hex()
        try:
            deal = self.view.kept(deal_id).deal
        except UnknownDeal:  # of a block that was replaced
            return models_jobs.Reserve(deal_id=shown, held=None, price=None, open=False)
        amount, token = self.view.shapes.amount, deal.token
        fit = not deal.bound and not deal.closed
        return models_jobs.Reserve(
            deal_id=shown,
            held=amount(deal.remaining if fit else 0, token),
            price=amount(deal.agreement.price, token),
            open=fit,
        )

    # --- Proposals

    def proposals(self, found: Sequence[Proposal], reader: str) -> list[models_jobs.Proposal]:
        """Return proposals for one of their two sides."""
        bound = self.view.pages.bound({proposal.deal_id for proposal in found})
        return [self._proposal(each, reader, bound=each.deal_id in bound) for each in found]

    def _proposal(self, proposal: Proposal, reader: str, *, bound: bool) -> models_jobs.Proposal:
        terms, shapes = proposal.agreement, self.view.shapes
        own = reader == terms.employer
        other = "freelancer" if own else "employer"
        return models_jobs.Proposal(
            id=proposal.number,
            job=proposal.job,
            thread=proposal.thread,
            in_reply_to=proposal.in_reply_to,
            author="employer" if proposal.by_employer else "freelancer",
            employer=terms.employer,
            freelancer=terms.freelancer,
            status=proposal.status(shapes.now, bound=bound).value,
            deal_id="0x" + proposal.deal_id.hex(),
            document="0x" + terms.document.hex(),
            total=shapes.amount(terms.price, terms.token),
            milestone_count=len(terms.milestones),
            days=proposal.days,
            accept_by=time_of(terms.accept_by),
            final_deadline=time_of(terms.final_deadline),
            agreement=msgspec.convert(terms.to_json(), models.Agreement),
            cover=proposal.cover,
            created=time_of(proposal.created),
            withdrawn=_maybe(proposal.withdrawn),
            handed_out=_maybe(proposal.handed_out),
            shortlisted=proposal.shortlisted if own else None,
            warnings=_shown(
                cautions_of_terms(
                    terms,
                    shapes.now,
                    shapes.token_of,
                    other=other,
                    known=self._has_settled(getattr(terms, other)),
                )
            ),
        )

    def _has_settled(self, party: str) -> bool:
        if party not in self._settled:
            self._settled[party] = self.view.pages.settled(party)
        return self._settled[party]


def _maybe(unix: int | None) -> models.Time | None:
    return None if unix is None else time_of(unix)


def _shown(found: Iterable[Caution]) -> list[models_jobs.Caution]:
    return [
        models_jobs.Caution(code=cast("models_jobs.CautionCode", each.code), sentence=each.sentence)
        for each in found
    ]
