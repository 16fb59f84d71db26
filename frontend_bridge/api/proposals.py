"""Proposals, counter-proposals and offers, for their two sides. No signature is ever shown here."""

from __future__ import annotations

import msgspec
from msgspec import UNSET

from frontend_bridge.api import models, models_jobs
from frontend_bridge.api.asked import Asked, page_of
from frontend_bridge.api.cursors import number_in
from frontend_bridge.api.given import agreement_of, domain_of
from frontend_bridge.api.job_shapes import JobShapes, awarded
from frontend_bridge.api.jobs import job_of, reserve_of
from frontend_bridge.api.node import NodeWork
from frontend_bridge.api.problems import Refused
from frontend_bridge.api.rights import charge, nothing_here
from milestone_escrow.agreement import Agreement
from milestone_escrow.client import EscrowClient
from milestone_escrow.document import AgreementDocument
from milestone_escrow.exceptions import UsageError
from milestone_escrow.offchain import documents, proposals
from milestone_escrow.offchain.comments import check_text
from milestone_escrow.offchain.jobs import Job, JobStatus
from milestone_escrow.offchain.proposal import Proposal, Written
from milestone_escrow.offchain.proposal_terms import Frame, check_terms
from milestone_escrow.times import instant
from milestone_escrow.typed_data import digest, verify_agreement

__all__ = [
    "answer_of",
    "answer_offer",
    "counter",
    "first_of_proposal",
    "first_of_terms",
    "listed",
    "of_job",
    "offer",
    "own",
    "propose",
    "read",
    "shortlist",
    "thread",
    "unlist",
    "withdraw",
]

Shown = models.Answer[models_jobs.Proposal]


# --- Before anything is written


def first_of_terms(asked: Asked, *, body: models_jobs.Terms, **_: object) -> None:
    """Let the token tell of itself: it is remembered."""
    asked.view.shapes.token_of(agreement_of(body.agreement).token)


def first_of_proposal(asked: Asked, *, body: models_jobs.Propose, **_: object) -> NodeWork | bool:
    """Return whether the freelancer signed: by the key, else by what the account's code says."""
    agreement, domain = agreement_of(body.agreement), domain_of(asked.view)
    asked.view.shapes.token_of(agreement.token)
    signature = bytes.fromhex(body.signature[2:])
    if verify_agreement(agreement, domain, signature):
        return True
    who, hashed = asked.who, digest(agreement, domain)

    def ask(client: EscrowClient) -> bool:
        from milestone_escrow.offchain.contract_accounts import signed_by_contract

        return signed_by_contract(client.w3, who, hashed, signature)

    return NodeWork(asked.view.source, ask)


# --- Writing


def propose(asked: Asked, *, job: int, body: models_jobs.Propose, told: bool) -> Shown:
    """Keep a freelancer's proposal for a job."""
    found = job_of(asked, job)
    answered = None if body.in_reply_to is UNSET else _to_answer(asked, body.in_reply_to)
    if answered is None:
        _require_open(asked, found)
    elif answered.job != job:
        raise nothing_here("proposal")
    return _proposed(asked, found, answered, body, told=told)


def answer_offer(asked: Asked, *, proposal: int, body: models_jobs.Propose, told: bool) -> Shown:
    """Keep a freelancer's answer to an offer without a job, or to what followed it."""
    first = own(asked, proposal)
    if first.job is not None or first.in_reply_to is not None:
        raise nothing_here("proposal")
    number = proposal if body.in_reply_to is UNSET else body.in_reply_to
    answered = _to_answer(asked, number)
    if answered.thread != proposal:
        raise nothing_here("proposal")
    return _proposed(asked, None, answered, body, told=told)


def counter(asked: Asked, *, proposal: int, body: models_jobs.Terms, told: None) -> Shown:
    """Keep the terms that an employer answers a proposal with."""
    answered = _to_answer(asked, proposal)
    job = None if answered.job is None else job_of(asked, answered.job)
    agreement = agreement_of(body.agreement)
    if agreement == answered.agreement:
        raise UsageError(
            "These are the terms that were proposed.", "Award the proposal.", code="same-terms"
        )
    frame = _frame(asked, job, asked.who, answered.agreement.freelancer, agreement)
    written = Written(asked.who, agreement, body.cover, answered.job, answered)
    return _added(asked, frame, written, body.document)


def offer(asked: Asked, *, body: models_jobs.Terms, told: None) -> Shown:
    """Keep terms that an employer offers to a freelancer, without a job."""
    agreement = agreement_of(body.agreement)
    frame = _frame(asked, None, asked.who, None, agreement)
    return _added(asked, frame, Written(asked.who, agreement, body.cover), body.document)


def withdraw(asked: Asked, *, proposal: int) -> models.Answer[models_jobs.Withdrawal]:
    """Take a proposal back."""
    found = own(asked, proposal)
    if found.author != asked.who:
        raise _not_yours("The proposal is the other one's.")
    proposals.withdraw(asked.db, proposal, asked.now)
    if found.by_employer:
        sentence = "The freelancer cannot accept these terms any more."
    else:
        sentence = (
            "The signature was handed out to nobody and is deleted here, so nobody can bind you "
            "with it, unless you gave it to somebody yourself: then it binds until "
            f"{instant(found.agreement.accept_by)}."
        )
    shown = answer_of(asked, own(asked, proposal))
    return models.Answer(
        data=models_jobs.Withdrawal(proposal=shown.data, sentence=sentence), block=shown.block
    )


def shortlist(asked: Asked, *, proposal: int) -> Shown:
    """Take a proposal into the employer's closer choice."""
    return _listed(asked, proposal, shortlisted=True)


def unlist(asked: Asked, *, proposal: int) -> Shown:
    """Take a proposal out of the employer's closer choice."""
    return _listed(asked, proposal, shortlisted=False)


# --- Reading


def read(asked: Asked, *, proposal: int) -> Shown:
    """Return a proposal."""
    return answer_of(asked, own(asked, proposal))


def of_job(
    asked: Asked, *, job: int, shortlisted: str | None, cursor: str | None, limit: int
) -> models.Page[models_jobs.Proposal]:
    """Return a page of a job's proposals: all for its employer, a freelancer's own for that one."""
    job_of(asked, job)
    only = None if shortlisted is None else shortlisted == "true"
    return _page(asked, job, only, cursor, limit)


def listed(asked: Asked, *, cursor: str | None, limit: int) -> models.Page[models_jobs.Proposal]:
    """Return a page of all proposals and offers that an account wrote or got."""
    return _page(asked, None, None, cursor, limit)


def thread(
    asked: Asked, *, proposal: int, cursor: str | None, limit: int
) -> models.Page[models_jobs.Proposal]:
    """Return a proposal and all that belongs to it, in order."""
    first = own(asked, proposal).thread
    after = 0 if cursor is None else number_in(cursor)
    found = proposals.thread(asked.db, first, after=after, limit=limit + 1)
    shapes = JobShapes(asked.view)
    return page_of(asked, found, limit, lambda some: shapes.proposals(some, asked.who))


def own(asked: Asked, number: int) -> Proposal:
    """Return a proposal of which who asks is one of the two sides.

    Raises:
        Refused: There is none of that number for them (404).
    """
    found = proposals.find(asked.db, domain_of(asked.view), number, asked.who)
    if found is None:
        raise nothing_here("proposal")
    return found


def answer_of(asked: Asked, found: Proposal) -> Shown:
    """Return the answer that shows a proposal."""
    (shown,) = JobShapes(asked.view).proposals([found], asked.who)
    return models.Answer(data=shown, block=asked.view.shapes.block())


# --- Inside


def _proposed(
    asked: Asked,
    job: Job | None,
    answered: Proposal | None,
    body: models_jobs.Propose,
    *,
    told: bool,
) -> Shown:
    agreement = agreement_of(body.agreement)
    employer = job.employer if answered is None and job is not None else None
    if answered is not None:
        employer = answered.agreement.employer
    assert employer is not None
    frame = _frame(asked, job, employer, asked.who, agreement)
    written = Written(
        asked.who,
        agreement,
        body.cover,
        None if job is None else job.number,
        answered,
        bytes.fromhex(body.signature[2:]),
    )
    # After the terms: an agreement of another is refused as such.
    shown = _added(asked, frame, written, body.document)
    if not told:
        raise Refused(
            422,
            "The signature is not this account's over this agreement.",
            "Sign what /v1/typed-data/agreement makes of it, with the account that is signed in.",
            "wrong-signature",
        )
    return shown


def _added(asked: Asked, frame: Frame, written: Written, words: msgspec.Struct) -> Shown:
    document = AgreementDocument.from_json(msgspec.to_builtins(words))
    check_terms(written.agreement, document, frame)
    charge(asked, len(document.canonical_bytes()) + check_text(written.cover, "cover"))
    documents.put(asked.db, document, written.author, asked.now)
    number = proposals.add(asked.db, domain_of(asked.view), written, asked.now)
    return answer_of(asked, own(asked, number))


def _frame(
    asked: Asked, job: Job | None, employer: str, freelancer: str | None, agreement: Agreement
) -> Frame:
    view = asked.view
    kept = None if job is None else reserve_of(view, job)
    token = view.shapes.token_of(agreement.token)
    return Frame(
        employer=employer,
        freelancer=freelancer,
        reserve=None if kept is None else kept.deal.deal_id,
        token=None if kept is None else kept.deal.token,
        escrow=view.source.escrow,
        decimals=None if token is None else token.decimals,
        now=view.shapes.now,
    )


def _to_answer(asked: Asked, number: int) -> Proposal:
    """Return the other one's proposal that is to be answered."""
    found = own(asked, number)
    if found.author == asked.who:
        raise _not_yours("The proposal is your own.")
    if found.withdrawn is not None or found.handed_out is not None:
        raise UsageError(
            "The proposal was withdrawn, or its signature was handed out: it is not negotiated any "
            "more.",
            "Answer one that is open.",
            code="not-open",
        )
    return found


def _require_open(asked: Asked, job: Job) -> None:
    done = bool(awarded(asked.view, asked.db, [job]))
    status = job.status(asked.view.shapes.now, awarded=done)
    if status is not JobStatus.OPEN:
        raise UsageError(
            f"The job takes no more proposals: it is {status.value}.",
            "Look for one that is open.",
            code="job-not-open",
        )


def _listed(asked: Asked, number: int, *, shortlisted: bool) -> Shown:
    if own(asked, number).agreement.employer != asked.who:
        raise _not_yours("The closer choice is the employer's.")
    proposals.set_shortlisted(asked.db, number, shortlisted=shortlisted)
    return answer_of(asked, own(asked, number))


def _page(
    asked: Asked, job: int | None, shortlisted: bool | None, cursor: str | None, limit: int
) -> models.Page[models_jobs.Proposal]:
    found = proposals.page(
        asked.db,
        domain_of(asked.view),
        asked.who,
        job=job,
        shortlisted=shortlisted,
        before=None if cursor is None else number_in(cursor),
        limit=limit + 1,
    )
    shapes = JobShapes(asked.view)
    return page_of(asked, found, limit, lambda some: shapes.proposals(some, asked.who))


def _not_yours(sentence: str) -> Refused:
    return Refused(403, sentence, "Sign in with the account of the other side.", "not-yours")
