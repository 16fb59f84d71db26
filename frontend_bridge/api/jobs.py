"""Jobs: posted by employers, read by everybody."""

from __future__ import annotations

from typing import Final

from msgspec import UNSET

from frontend_bridge.api import models, models_jobs
from frontend_bridge.api.asked import Asked, Visit
from frontend_bridge.api.cursors import cursor_of, number_in
from frontend_bridge.api.given import domain_of, token_of_body
from frontend_bridge.api.job_shapes import JobShapes, awarded
from frontend_bridge.api.pages import Kept
from frontend_bridge.api.problems import Refused
from frontend_bridge.api.rights import charge, nothing_here
from frontend_bridge.api.view import View
from milestone_escrow.exceptions import UsageError
from milestone_escrow.offchain import jobs
from milestone_escrow.offchain.jobs import Job
from milestone_escrow.text import fold

__all__ = [
    "SCANNED",
    "close",
    "first_of_post",
    "job_of",
    "listed",
    "post",
    "read",
    "reserve_of",
]

SCANNED: Final = 500
"""Jobs that one request for words or a status looks at; a page may be short, or empty."""

_BATCH: Final = 100


def first_of_post(asked: Asked, *, body: models_jobs.PostJob) -> None:
    """Let the token tell of itself before anything is written: it is remembered."""
    if body.budget is not UNSET:
        asked.view.shapes.token_of(token_of_body(body.budget.token, "budget.token"))


def post(asked: Asked, *, body: models_jobs.PostJob, told: None) -> models.Answer[models_jobs.Job]:
    """Post a job."""
    view, domain = asked.view, domain_of(asked.view)
    budget = None
    if body.budget is not UNSET:
        token = token_of_body(body.budget.token, "budget.token")
        budget = jobs.Budget(token, int(body.budget.min), int(body.budget.max))
    reserve = None if body.deal_id is UNSET else bytes.fromhex(body.deal_id[2:])
    if reserve is not None and view.kept(reserve).deal.employer != asked.who:
        raise Refused(
            403,
            "The deal that is to hold the money is another employer's.",
            "Name a deal of your own, or none.",
            "not-a-party",
        )
    draft = jobs.Draft(
        body.title,
        body.description,
        tuple(body.tags),
        budget,
        None if body.closes is UNSET else int(body.closes),
        reserve,
        None if body.replaces is UNSET else body.replaces,
    )
    charge(asked, draft.check())
    number = jobs.post(asked.db, domain, asked.who, draft, asked.now, view.shapes.now)
    found = job_of(asked, number)
    kept = reserve_of(view, found)
    if kept is not None and budget is not None and budget.token != kept.deal.token:
        raise UsageError(
            "The budget is in another token than the money that is reserved.",
            f"Give the budget in {kept.deal.token}.",
            code="other-token",
            field="budget.token",
        )
    return _answer(asked, found)


def read(asked: Visit, *, job: int) -> models.Answer[models_jobs.Job]:
    """Return a job."""
    with asked.store.reading() as db:
        found = jobs.find(db, domain_of(asked.view), job)
        if found is None:
            raise nothing_here("job")
        done = bool(awarded(asked.view, db, [found]))
    return models.Answer(
        data=JobShapes(asked.view).job(found, awarded=done), block=asked.view.shapes.block()
    )


def listed(
    asked: Visit,
    *,
    text: str | None,
    tag: str | None,
    employer: str | None,
    status: str | None,
    cursor: str | None,
    limit: int,
) -> models.Page[models_jobs.Job]:
    """Return a page of jobs, the newest first."""
    view, domain, shapes = asked.view, domain_of(asked.view), JobShapes(asked.view)
    words = fold(text or "").split()
    before = None if cursor is None else number_in(cursor)
    found: list[models_jobs.Job] = []
    looked = 0
    with asked.store.reading() as db:
        while True:
            # One more than is wanted tells whether there is another page.
            wanted = _BATCH if words or status else limit + 1 - len(found)
            batch = jobs.page(db, domain, employer=employer, tag=tag, before=before, limit=wanted)
            fit = [job for job in batch if job.matches(words)]
            done = awarded(view, db, fit)
            for job in fit:
                word = job.status(view.shapes.now, awarded=job.number in done).value
                if status in (None, word) and len(found) <= limit:
                    found.append(shapes.job(job, awarded=job.number in done))
            looked += len(batch)
            if batch:
                before = batch[-1].number
            if len(found) > limit or len(batch) < wanted or looked >= SCANNED:
                break
    if len(found) > limit:
        before = found[limit - 1].id
    elif len(batch) < wanted:
        before = None
    return models.Page(
        data=found[:limit],
        next=None if before is None else cursor_of(before),
        block=view.shapes.block(),
    )


def close(asked: Asked, *, job: int) -> models.Answer[models_jobs.Job]:
    """Close a job."""
    found = job_of(asked, job)
    if found.employer != asked.who:
        raise Refused(
            403,
            "The job is another employer's.",
            "Sign in with the account that posted it.",
            "not-yours",
        )
    jobs.close(asked.db, job, asked.now)
    return _answer(asked, job_of(asked, job))


def job_of(asked: Asked, number: int) -> Job:
    """Return a job.

    Raises:
        Refused: There is none of that number (404).
    """
    found = jobs.find(asked.db, domain_of(asked.view), number)
    if found is None:
        raise nothing_here("job")
    return found


def reserve_of(view: View, job: Job) -> Kept | None:
    """Return the deal that holds money for a job; None: none was named.

    Raises:
        UnknownDeal: The index does not know it any more.
        UsageError: It cannot be awarded any more (``reserve-gone``).
    """
    if job.draft.reserve is None:
        return None
    kept = view.kept(job.draft.reserve)
    if kept.deal.bound or kept.deal.closed:
        raise UsageError(
            "The deal that is to hold the money for the job is bound already, or was replaced.",
            "Name one that nobody is bound to; of a job that is there, a new version.",
            code="reserve-gone",
        )
    return kept


def _answer(asked: Asked, job: Job) -> models.Answer[models_jobs.Job]:
    done = bool(awarded(asked.view, asked.db, [job]))
    return models.Answer(
        data=JobShapes(asked.view).job(job, awarded=done), block=asked.view.shapes.block()
    )
