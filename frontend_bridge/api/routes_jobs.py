"""The routes of jobs and proposals, and of the search for titles."""

from __future__ import annotations

from typing import Final

from frontend_bridge.api import (
    awarding,
    jobs,
    models,
    models_jobs,
    models_off_chain,
    params,
    proposals,
    searching,
)
from frontend_bridge.api.cursors import LAST_NUMBER
from frontend_bridge.api.params import Param
from frontend_bridge.api.route import CURSOR, Route, limit
from milestone_escrow.document import MAX_DOCUMENT_BYTES
from milestone_escrow.offchain.comments import MAX_COMMENT
from milestone_escrow.offchain.jobs import MAX_TAG, JobStatus

__all__ = ["JOB_ROUTES"]

_NUMBER: Final = params.number(1, LAST_NUMBER)
_JOB: Final = Param("job", _NUMBER, "Number of the job.", "path", True)
_PROPOSAL: Final = Param("proposal", _NUMBER, "Number of the proposal.", "path", True)
_MOST_WORDS: Final = 200  # characters
_JOB_BYTES: Final = 6 * MAX_COMMENT + 8_192  # a text in the longest way that JSON has
_TERMS_BYTES: Final = 2 * MAX_DOCUMENT_BYTES + 6 * MAX_COMMENT + 16_384
_SEARCH_WEIGHT: Final = 10  # requests: it may read the texts of 500 jobs
_PAGE: Final = (CURSOR, limit(20, 100))

JOB_ROUTES: Final = (
    Route(
        "/v1/jobs",
        "listJobs",
        "Jobs, by words, tag, employer and status, the newest first",
        models.Page[models_jobs.Job],
        kind="visit",
        params=(
            Param(
                "text",
                params.line(_MOST_WORDS),
                "Only those with all these words, or parts of words, in title, description or "
                "tags, in whatever case. A page may then be short, or empty, and still have a "
                "next.",
            ),
            Param("tag", params.line(MAX_TAG), "Only those with this tag, in whatever case."),
            Param("employer", params.address, "Only this employer's."),
            Param(
                "status",
                params.choice(*(status.value for status in JobStatus)),
                "Only those that are so at the time of the answer's block; pages as with `text`.",
            ),
            *_PAGE,
        ),
        handler=jobs.listed,
        weight=_SEARCH_WEIGHT,
    ),
    Route(
        "/v1/jobs",
        "postJob",
        "Post a job, or a new version of one, and say what is reserved for it",
        models.Answer[models_jobs.Job],
        kind="write",
        handler=jobs.post,
        first=jobs.first_of_post,
        body=models_jobs.PostJob,
        most=_JOB_BYTES,
    ),
    Route(
        "/v1/jobs/{job}",
        "getJob",
        "A job, and what is reserved for it",
        models.Answer[models_jobs.Job],
        kind="visit",
        params=(_JOB,),
        handler=jobs.read,
    ),
    Route(
        "/v1/jobs/{job}/close",
        "closeJob",
        "Take no more proposals for a job; what was proposed can still be awarded",
        models.Answer[models_jobs.Job],
        kind="write",
        params=(_JOB,),
        handler=jobs.close,
        verb="POST",
    ),
    Route(
        "/v1/jobs/{job}/proposals",
        "listJobProposals",
        "Proposals for a job: all for its employer, a freelancer's own for that one; newest first",
        models.Page[models_jobs.Proposal],
        kind="private",
        params=(
            _JOB,
            Param(
                "shortlisted",
                params.choice("true", "false"),
                "Only those in the employer's closer choice, or only the others.",
            ),
            *_PAGE,
        ),
        handler=proposals.of_job,
    ),
    Route(
        "/v1/jobs/{job}/proposals",
        "propose",
        "Propose a signed agreement for a job; nobody gets the signature before the award",
        models.Answer[models_jobs.Proposal],
        kind="write",
        params=(_JOB,),
        handler=proposals.propose,
        first=proposals.first_of_proposal,
        body=models_jobs.Propose,
        most=_TERMS_BYTES,
        shows=True,
    ),
    Route(
        "/v1/offers",
        "offer",
        "Offer terms to a freelancer, without a job",
        models.Answer[models_jobs.Proposal],
        kind="write",
        handler=proposals.offer,
        first=proposals.first_of_terms,
        body=models_jobs.Terms,
        most=_TERMS_BYTES,
        shows=True,
    ),
    Route(
        "/v1/offers/{proposal}/proposals",
        "answerOffer",
        "Accept an offer, or counter it, by a signed agreement",
        models.Answer[models_jobs.Proposal],
        kind="write",
        params=(_PROPOSAL,),
        handler=proposals.answer_offer,
        first=proposals.first_of_proposal,
        body=models_jobs.Propose,
        most=_TERMS_BYTES,
        shows=True,
    ),
    Route(
        "/v1/proposals",
        "listProposals",
        "All proposals and offers that the account wrote or got, the newest first",
        models.Page[models_jobs.Proposal],
        kind="private",
        params=_PAGE,
        handler=proposals.listed,
    ),
    Route(
        "/v1/proposals/{proposal}",
        "getProposal",
        "A proposal, for its employer and its freelancer",
        models.Answer[models_jobs.Proposal],
        kind="private",
        params=(_PROPOSAL,),
        handler=proposals.read,
    ),
    Route(
        "/v1/proposals/{proposal}/thread",
        "getThread",
        "A proposal and all that it answers or is answered by, the first one first",
        models.Page[models_jobs.Proposal],
        kind="private",
        params=(_PROPOSAL, *_PAGE),
        handler=proposals.thread,
    ),
    Route(
        "/v1/proposals/{proposal}/counter",
        "counterProposal",
        "Answer a proposal with other terms, which the freelancer may sign",
        models.Answer[models_jobs.Proposal],
        kind="write",
        params=(_PROPOSAL,),
        handler=proposals.counter,
        first=proposals.first_of_terms,
        body=models_jobs.Terms,
        most=_TERMS_BYTES,
        shows=True,
    ),
    Route(
        "/v1/proposals/{proposal}/withdraw",
        "withdrawProposal",
        "Take a proposal back whose signature nobody has yet, and delete that",
        models.Answer[models_jobs.Withdrawal],
        kind="write",
        params=(_PROPOSAL,),
        handler=proposals.withdraw,
        verb="POST",
    ),
    Route(
        "/v1/proposals/{proposal}/shortlist",
        "shortlist",
        "Take a proposal into the closer choice, which only the employer sees",
        models.Answer[models_jobs.Proposal],
        kind="write",
        params=(_PROPOSAL,),
        handler=proposals.shortlist,
        verb="PUT",
    ),
    Route(
        "/v1/proposals/{proposal}/shortlist",
        "unlist",
        "Take a proposal out of the closer choice",
        models.Answer[models_jobs.Proposal],
        kind="write",
        params=(_PROPOSAL,),
        handler=proposals.unlist,
        verb="DELETE",
    ),
    Route(
        "/v1/proposals/{proposal}/award",
        "awardProposal",
        "The freelancer's signature and the call that binds with it; from now on it is handed out",
        models.Answer[models_jobs.Award],
        kind="write",
        params=(_PROPOSAL,),
        handler=awarding.award,
        first=awarding.first_of_award,
        body=models_jobs.AwardProposal,
    ),
    Route(
        "/v1/search/deals",
        "searchDeals",
        "Deals of the account whose titles have all these words, where it may read the documents",
        models.Page[models_off_chain.TitledDeal],
        kind="private",
        params=(
            Param("text", params.line(_MOST_WORDS), "Words, or parts of them.", required=True),
            *_PAGE,
        ),
        handler=searching.titled,
    ),
)
