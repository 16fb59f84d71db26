"""Jobs and proposals, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

import pytest

from milestone_escrow.agreement import DAY, MAX_HORIZON, Agreement
from milestone_escrow.document import AgreementDocument, Currency, DocumentMilestone
from milestone_escrow.exceptions import AgreementError, DocumentError, UsageError
from milestone_escrow.indexer.engine import Target
from milestone_escrow.messages import Domain
from milestone_escrow.offchain import Offchain, documents, jobs, proposals, tables
from milestone_escrow.offchain.jobs import Budget, Draft, JobStatus
from milestone_escrow.offchain.proposal import Proposal, ProposalStatus, Written
from milestone_escrow.offchain.proposal_terms import (
    Frame,
    cautions_of_job,
    cautions_of_terms,
    check_terms,
)
from milestone_escrow.text import fold
from milestone_escrow.tokens import Token
from tests.library.agreements import EMPLOYER, FREELANCER, NOW, PLATFORM, TOKEN, sound
from tests.library.test_offchain import in_threads

HERE: Final = Domain(31337, "0x" + "77" * 20)
ELSEWHERE: Final = Domain(1, "0x" + "77" * 20)
OTHER: Final = "0x" + "88" * 20
SIGNATURE: Final = b"\x01" * 65
WORDS: Final = AgreementDocument.create(
    title="A shop",
    scope="Five pages",
    milestones=[DocumentMilestone("Draft", "A file"), DocumentMilestone("Site", "A site")],
    currency=Currency("ETH", 18),
    nonce=b"\x09" * 32,
)


@pytest.fixture
def store(target: Target) -> Iterator[Offchain]:
    with Offchain(target) as store:
        yield store


def terms(nonce: int = 9, **changes: Any) -> Agreement:
    document = replace(WORDS, nonce=bytes([nonce]) * 32)
    return sound(**{"document": document.hash()} | changes)


def draft(**changes: Any) -> Draft:
    return replace(Draft("A shop", "Five pages, in French", ("Web", "Straße")), **changes)


def post(store: Offchain, employer: str = EMPLOYER, **changes: Any) -> int:
    with store.writing() as db:
        return jobs.post(db, HERE, employer, draft(**changes), NOW, NOW)


def propose(store: Offchain, nonce: int = 9, **changes: Any) -> int:
    written = Written(FREELANCER, terms(nonce), "I can do this.", signature=SIGNATURE)
    written = replace(written, **changes)
    with store.writing() as db:
        document = replace(WORDS, nonce=bytes([nonce]) * 32)
        documents.put(db, document, written.author, NOW)
        return proposals.add(db, HERE, written, NOW)


def found(store: Offchain, number: int, reader: str = EMPLOYER) -> Proposal:
    with store.reading() as db:
        there = proposals.find(db, HERE, number, reader)
    assert there is not None
    return there


class _Refused:
    """Expects a refusal with a code."""

    def __init__(self, code: str) -> None:
        self._code = code
        self._raises = pytest.raises(UsageError)

    def __enter__(self) -> None:
        self._caught = self._raises.__enter__()

    def __exit__(self, *error: Any) -> bool:
        done = self._raises.__exit__(*error)
        assert self._caught.value.code == self._code, self._caught.value
        return done


# --- Jobs


def test_a_job_is_read_as_it_was_posted(store: Offchain) -> None:
    budget, reserve = Budget(TOKEN, 0, 2**256 - 1), b"\x05" * 32
    number = post(store, budget=budget, reserve=reserve, closes=NOW + 1)
    with store.reading() as db:
        job = jobs.find(db, HERE, number)
        assert job is not None and job.employer == EMPLOYER and job.created == NOW
        assert job.draft == draft(budget=budget, reserve=reserve, closes=NOW + 1)
        assert jobs.find(db, HERE, number + 1) is None
        assert jobs.find(db, ELSEWHERE, number) is None
        assert jobs.page(db, ELSEWHERE, employer=None, tag=None, before=None, limit=9) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"title": ""},
        {"title": "Two\nlines"},
        {"title": "safe \u202eexe.pdf"},
        {"title": "x" * 201},
        {"description": " "},
        {"description": "a\x00b"},
        {"description": "a" * 8_193},
        {"tags": ("a", "A")},
        {"tags": ("x" * 41,)},
        {"tags": tuple(map(str, range(11)))},
        {"closes": NOW},
        {"closes": NOW + MAX_HORIZON + 1},
    ],
)
def test_a_job_that_is_none_is_refused(store: Offchain, changes: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        post(store, **changes)
    with store.reading() as db:
        assert db.execute(tables.jobs.select()).all() == []


@pytest.mark.parametrize(("least", "most"), [(2, 1), (0, 0), (-1, 1)])
def test_a_budget_is_a_range(least: int, most: int) -> None:
    with _Refused("bad-budget"):
        Budget(TOKEN, least, most)
    assert Budget(TOKEN, 1, 1).most == 1


def test_what_became_of_a_job_at_the_second(store: Offchain) -> None:
    number = post(store, closes=NOW + 10)
    with store.writing() as db:
        job = jobs.find(db, HERE, number)
        assert job is not None
        at = {now: job.status(now, awarded=False).value for now in (NOW + 9, NOW + 10, NOW + 11)}
        assert list(at.values()) == ["open", "ended", "ended"]
        jobs.close(db, number, NOW + 5)
        jobs.close(db, number, NOW + 6)
        job = jobs.find(db, HERE, number)
        assert job is not None and job.closed == NOW + 5
        assert job.status(NOW + 11, awarded=False) is JobStatus.CLOSED
        assert job.status(NOW + 11, awarded=True) is JobStatus.AWARDED


def test_a_new_version_closes_the_one_that_it_names(store: Offchain) -> None:
    first = post(store)
    second = post(store, title="A larger shop", replaces=first)
    with store.reading() as db:
        old, new = jobs.find(db, HERE, first), jobs.find(db, HERE, second)
        assert old is not None and new is not None
        assert (old.closed, old.replaced_by, old.draft.title) == (NOW, second, "A shop")
        assert (new.closed, new.replaced_by, new.draft.replaces) == (None, None, first)
    with _Refused("replaced"):
        post(store, replaces=first)
    for employer, number in ((OTHER, second), (EMPLOYER, second + 7)):
        with _Refused("no-job"):
            post(store, employer, replaces=number)


def test_of_new_versions_that_race_one_is_posted(store: Offchain) -> None:
    first = post(store)
    done = in_threads(4, lambda: post(store, replaces=first))
    assert sorted(type(each).__name__ for each in done) == ["UsageError"] * 3 + ["int"]


def test_jobs_come_in_pages_newest_first(store: Offchain) -> None:
    numbers = [post(store) for _ in range(3)]
    others = post(store, OTHER, tags=("web",))

    def page(**sought: Any) -> list[int]:
        everything: dict[str, Any] = {"employer": None, "tag": None, "before": None, "limit": 9}
        with store.reading() as db:
            return [job.number for job in jobs.page(db, HERE, **everything | sought)]

    assert page() == [others, *numbers[::-1]]
    assert page(limit=2) == [others, numbers[2]]
    assert page(before=2**31 - 1) == page()
    assert page(before=numbers[2]) == [numbers[1], numbers[0]]
    assert page(employer=OTHER) == [others] and page(employer=PLATFORM) == []
    assert page(tag="WEB") == [others, *numbers[::-1]]
    assert page(tag="STRASSE", before=numbers[1]) == [numbers[0]]
    assert page(tag="we") == page(tag="%") == page(tag="' OR 1=1 --") == []


@pytest.mark.parametrize(
    ("text", "there"),
    [
        ("shop french", True),
        ("SHOP FRENCH", True),
        ("strasse", True),
        ("hop", True),
        ("shop german", False),
        ("%", False),
        ("_", False),
        ("' OR 1=1 --", False),
        ("", True),
        ("\uff33\uff28\uff2f\uff30", True),  # full-width letters
    ],
)
def test_words_are_found_without_case(text: str, there: bool) -> None:
    job = jobs.Job(1, EMPLOYER, draft(), NOW)
    assert job.matches(fold(text).split()) is there


# --- Proposals


def test_a_proposal_is_read_by_its_two_sides_and_never_its_signature(store: Offchain) -> None:
    job = post(store)
    number = propose(store, job=job)
    for reader in (EMPLOYER, FREELANCER):
        proposal = found(store, number, reader)
        assert (proposal.agreement, proposal.job) == (terms(), job)
        assert (proposal.author, proposal.by_employer) == (FREELANCER, False)
        assert (proposal.thread, proposal.in_reply_to) == (number, None)
        assert proposal.status(NOW, bound=False) is ProposalStatus.OPEN
        assert not any(value == SIGNATURE for value in map(proposal.__getattribute__, _names()))
    with store.reading() as db:
        assert proposals.find(db, HERE, number, OTHER) is None
        assert proposals.find(db, ELSEWHERE, number, EMPLOYER) is None
        assert proposals.page(db, HERE, OTHER, job=job, limit=9) == []
        assert proposals.shows(db, WORDS.hash(), EMPLOYER)
        assert proposals.shows(db, WORDS.hash(), FREELANCER)
        assert not proposals.shows(db, WORDS.hash(), OTHER)
        assert not proposals.shows(db, bytes(32), EMPLOYER)
        deal = found(store, number).deal_id
        assert proposals.deals_of_jobs(db, [job, job + 1]) == {job: {deal}, job + 1: set()}


def _names() -> list[str]:
    return list(Proposal.__dataclass_fields__)


@pytest.mark.parametrize("cover", ["", "a\x00", "\u2066hidden\u2069", "x" * 8_193])
def test_a_cover_is_a_text(store: Offchain, cover: str) -> None:
    with pytest.raises(UsageError):
        propose(store, cover=cover)


def test_what_was_withdrawn_nobody_can_get(store: Offchain) -> None:
    number = propose(store)
    with store.writing() as db:
        proposals.withdraw(db, number, NOW + 1)
        proposals.withdraw(db, number, NOW + 2)
    assert found(store, number).withdrawn == NOW + 1
    assert found(store, number).status(NOW, bound=False) is ProposalStatus.WITHDRAWN
    with store.writing() as db, _Refused("withdrawn"):
        proposals.hand_out(db, number, NOW + 3)
    with store.reading() as db:
        row = db.execute(tables.proposals.select()).one()
    assert row.signature is None and row.handed_out is None


def test_what_was_handed_out_is_not_taken_back(store: Offchain) -> None:
    number = propose(store)
    with store.writing() as db:
        assert proposals.hand_out(db, number, NOW + 1) == SIGNATURE
        assert proposals.hand_out(db, number, NOW + 2) == SIGNATURE
    with store.writing() as db, _Refused("handed-out"):
        proposals.withdraw(db, number, NOW + 3)
    proposal = found(store, number)
    assert (proposal.handed_out, proposal.withdrawn) == (NOW + 1, None)
    assert proposal.status(NOW, bound=False) is ProposalStatus.HANDED_OUT


def test_of_a_withdrawal_and_an_award_that_race_exactly_one_is_done(store: Offchain) -> None:
    for nonce in range(3):
        number = propose(store, nonce)
        turn = iter((proposals.withdraw, proposals.hand_out) * 3)

        def race(number: int = number, turn: Any = turn) -> Any:
            with store.writing() as db:
                return next(turn)(db, number, NOW)

        done = in_threads(6, race)
        proposal = found(store, number)
        assert (proposal.withdrawn is None) is (proposal.handed_out is not None)
        assert done.count(None) in (0, 3) and done.count(SIGNATURE) in (0, 3)
        assert done.count(None) + done.count(SIGNATURE) == 3, done


def test_a_proposal_expires_at_the_second(store: Offchain) -> None:
    proposal = found(store, propose(store))
    last = proposal.agreement.accept_by
    at = [proposal.status(now, bound=False).value for now in (last - 1, last, last + 1)]
    assert at == ["open", "expired", "expired"]
    assert proposal.status(last, bound=True) is ProposalStatus.AWARDED


def test_the_same_agreement_is_proposed_once_at_a_time(store: Offchain) -> None:
    number = propose(store)
    with _Refused("proposed-before"):
        propose(store)
    with store.writing() as db:
        proposals.withdraw(db, number, NOW)
    again = propose(store)
    assert found(store, again).deal_id == found(store, number).deal_id
    done = in_threads(3, lambda: propose(store, 4))
    assert sorted(type(each).__name__ for each in done) == ["UsageError"] * 2 + ["int"]


def test_terms_go_to_and_fro_until_they_are_signed(store: Offchain) -> None:
    job = post(store)
    first = propose(store, job=job)
    counter = propose(
        store,
        5,
        author=EMPLOYER,
        agreement=terms(5),
        signature=None,
        job=job,
        in_reply_to=found(store, first),
    )
    assert found(store, first).status(NOW, bound=False) is ProposalStatus.COUNTERED
    assert found(store, counter).status(NOW, bound=False) is ProposalStatus.OPEN
    with store.writing() as db, _Refused("not-signed"):
        proposals.hand_out(db, counter, NOW)
    signed = propose(store, 5, agreement=terms(5), job=job, in_reply_to=found(store, counter))
    assert found(store, counter).status(NOW, bound=False) is ProposalStatus.ACCEPTED
    assert found(store, signed).deal_id == found(store, counter).deal_id
    alone = propose(store, 6, agreement=terms(6), job=job)
    with store.writing() as db:
        ordered = proposals.thread(db, first, after=0, limit=9)
        assert [each.number for each in ordered] == [first, counter, signed]
        assert [each.thread for each in ordered] == [first] * 3
        assert [each.number for each in proposals.thread(db, first, after=first, limit=1)] == [
            counter
        ]
        assert [each.number for each in proposals.thread(db, alone, after=0, limit=9)] == [alone]
        # What does not stand is no answer.
        proposals.withdraw(db, signed, NOW)
    assert found(store, counter).status(NOW, bound=False) is ProposalStatus.OPEN


def test_the_closer_choice_is_the_employers(store: Offchain) -> None:
    job = post(store)
    numbers = [propose(store, i, agreement=terms(i), job=job) for i in (1, 2, 3)]
    with store.writing() as db:
        proposals.set_shortlisted(db, numbers[1], shortlisted=True)

        def page(reader: str, **sought: Any) -> list[int]:
            return [each.number for each in proposals.page(db, HERE, reader, limit=9, **sought)]

        assert page(EMPLOYER, job=job) == numbers[::-1] == page(FREELANCER)
        assert page(EMPLOYER, job=job, shortlisted=True) == [numbers[1]]
        assert page(EMPLOYER, shortlisted=False, before=numbers[2]) == [numbers[0]]
        assert page(FREELANCER, shortlisted=True) == page(FREELANCER, shortlisted=False) == []
        assert page(EMPLOYER, job=job + 1) == []
        proposals.set_shortlisted(db, numbers[1], shortlisted=False)
        assert page(EMPLOYER, shortlisted=True) == []


@pytest.mark.parametrize(("seconds", "days"), [(0, 20), (1, 20), (DAY, 19), (30 * DAY, 0)])
def test_days_count_from_the_proposal_to_the_last_deadline(
    store: Offchain, seconds: int, days: int
) -> None:
    proposal = found(store, propose(store))
    assert replace(proposal, created=NOW + seconds).days == days


# --- Terms


def frame(**changes: Any) -> Frame:
    sound_one = Frame(EMPLOYER, FREELANCER, None, None, HERE.escrow, 18, NOW)
    return replace(sound_one, **changes)


def test_terms_that_keep_to_the_job_are_taken() -> None:
    check_terms(terms(), WORDS, frame())
    check_terms(terms(), WORDS, frame(freelancer=None))
    reserve = b"\x05" * 32
    check_terms(terms(supersedes=reserve), WORDS, frame(reserve=reserve, token="0x" + "0" * 40))
    check_terms(terms(token=TOKEN), WORDS, frame(decimals=None))


@pytest.mark.parametrize(
    ("changes", "wanted", "code"),
    [
        ({}, {"employer": OTHER}, "other-employer"),
        ({}, {"freelancer": OTHER}, "other-freelancer"),
        ({"freelancer": "0x" + "0" * 40}, {"freelancer": None}, "other-freelancer"),
        ({}, {"reserve": b"\x05" * 32}, "other-reserve"),
        ({"supersedes": b"\x05" * 32}, {}, "other-reserve"),
        ({}, {"token": TOKEN}, "other-token"),
    ],
)
def test_terms_for_another_job_are_refused(
    changes: dict[str, Any], wanted: dict[str, Any], code: str
) -> None:
    with _Refused(code):
        check_terms(terms(**changes), WORDS, frame(**wanted))


def test_terms_are_such_as_the_contract_takes_now() -> None:
    last = terms().accept_by
    check_terms(terms(), WORDS, frame(now=last - 1))
    for now in (last, last + 1):
        with pytest.raises(AgreementError):
            check_terms(terms(), WORDS, frame(now=now))
    with pytest.raises(AgreementError, match="add up"):
        check_terms(terms(price=999), WORDS, frame())
    with pytest.raises(AgreementError, match="employer too"):
        check_terms(terms(freelancer=EMPLOYER), WORDS, frame(freelancer=EMPLOYER))


def test_the_document_is_the_agreements() -> None:
    with pytest.raises(DocumentError, match="hash"):
        check_terms(terms(3), WORDS, frame())
    with pytest.raises(DocumentError, match="decimals"):
        check_terms(terms(token=TOKEN), WORDS, frame(decimals=6))


def test_what_is_worth_a_look_is_told() -> None:
    def tell(_: str) -> Token:
        return Token(TOKEN, "UNIT", 6)

    def codes(
        agreement: Agreement, now: int = NOW, token_of: Any = tell, *, known: bool = True
    ) -> list[str]:
        told = list(cautions_of_terms(agreement, now, token_of, other="employer", known=known))
        assert all(each.sentence.endswith(".") for each in told)
        return [each.code for each in told]

    assert codes(terms()) == []
    assert codes(terms(milestones=[(1, NOW + 9 * DAY)])) == ["one-milestone"]
    assert codes(terms(), known=False) == ["first-time"]
    assert codes(terms(), token_of=lambda _: None) == ["unknown-token"]
    deadline = terms().milestones[0].deadline
    assert codes(terms(), deadline - 1) == []
    assert codes(terms(), deadline) == codes(terms(), deadline + 1) == ["date-past"]
    assert list(cautions_of_job(None, tell, known=True)) == []
    assert list(cautions_of_job(TOKEN, tell, known=True)) == []
    first, unknown = cautions_of_job(TOKEN, lambda _: None, known=False)
    assert (first.code, unknown.code) == ("first-time", "unknown-token")
