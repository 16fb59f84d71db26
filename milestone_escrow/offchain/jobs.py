"""Jobs: work that an employer asks proposals for, for everybody to read.

A job is never changed, so nobody's proposal is for other words than were there: a new version is a
new job that names the one that it replaces, which is closed by it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import insert, select, update
from sqlalchemy.engine import Connection, Row

from milestone_escrow.agreement import MAX_HORIZON
from milestone_escrow.exceptions import UsageError
from milestone_escrow.indexer.rows import address_bytes, address_text
from milestone_escrow.messages import Domain
from milestone_escrow.offchain.comments import check_text
from milestone_escrow.offchain.statements import lock
from milestone_escrow.offchain.tables import job_tags, jobs
from milestone_escrow.strict_json import StrictReader
from milestone_escrow.text import TextRules, fold

__all__ = [
    "MAX_TAG",
    "MAX_TAGS",
    "Budget",
    "Draft",
    "Job",
    "JobStatus",
    "close",
    "find",
    "page",
    "post",
]

MAX_TAGS: Final = 10
MAX_TAG: Final = 40
"""Characters."""

_READER: Final = StrictReader(UsageError)
_TEXT: Final = TextRules(_READER)


class JobStatus(StrEnum):
    """What became of a job."""

    OPEN = "open"
    ENDED = "ended"  # by its time
    CLOSED = "closed"  # by its employer
    AWARDED = "awarded"  # somebody is bound to a deal that was proposed for it


@dataclass(frozen=True, slots=True)
class Budget:
    """What an employer means to pay; nobody is held to it.

    Attributes:
        token: Address; zero: the native coin.
        least: Raw units.
        most: Raw units, not fewer.

    Raises:
        UsageError: They are no range (``bad-budget``).
    """

    token: str
    least: int
    most: int

    def __post_init__(self) -> None:
        """Check the range."""
        if self.most <= 0 or not 0 <= self.least <= self.most:
            raise UsageError(
                "The budget is no range.",
                "Give min and max with 0 <= min <= max, max above 0.",
                code="bad-budget",
                field="budget",
            )


@dataclass(frozen=True, slots=True)
class Draft:
    """What an employer writes of a job.

    Attributes:
        title: One line.
        description: Text.
        tags: At most ten lines of at most 40 characters, none twice.
        budget: None: the employer does not say.
        closes: Unix seconds of the chain; from then on it takes no first proposals. None: never.
        reserve: Id of a deal that holds money for it, 32 bytes; None: none does.
        replaces: Number of the job that this one is a new version of; None: it is the first.
    """

    title: str
    description: str
    tags: tuple[str, ...] = ()
    budget: Budget | None = None
    closes: int | None = None
    reserve: bytes | None = None
    replaces: int | None = None

    def check(self) -> int:
        """Return how many bytes the texts have, if they are such as are taken.

        Raises:
            UsageError: A text has characters that it must not have, or is too long; there are too
                many tags, or one twice.
        """
        _TEXT.check_line(self.title, "title")
        check_text(self.description, "description")
        if len(self.tags) > MAX_TAGS:
            _READER.refuse("tags", f"are more than {MAX_TAGS}.", "Give fewer.")
        for i, tag in enumerate(self.tags):
            _TEXT.check_line(tag, f"tags[{i}]", MAX_TAG)
        if len({fold(tag) for tag in self.tags}) < len(self.tags):
            _READER.refuse("tags", "have one twice.", "Give each once.")
        return sum(len(text.encode()) for text in (self.title, self.description, *self.tags))


@dataclass(frozen=True, slots=True)
class Job:
    """A job that was posted.

    Attributes:
        number: Its name here.
        employer: Checksummed.
        draft: What it says.
        created: Unix seconds of the machine.
        closed: Likewise; None: its employer did not close it.
        replaced_by: Number of its new version; None: there is none.
    """

    number: int
    employer: str
    draft: Draft
    created: int
    closed: int | None = None
    replaced_by: int | None = None

    def status(self, now: int, *, awarded: bool) -> JobStatus:
        """Return what became of it.

        Args:
            now: Unix seconds of the chain.
            awarded: Whether somebody is bound to a deal that was proposed for it.
        """
        if awarded:
            return JobStatus.AWARDED
        if self.closed is not None:
            return JobStatus.CLOSED
        if self.draft.closes is not None and self.draft.closes <= now:
            return JobStatus.ENDED
        return JobStatus.OPEN

    def matches(self, words: Collection[str]) -> bool:
        """Return whether all words stand in title, description or tags.

        Args:
            words: Folded; parts of words are found, too.
        """
        draft = self.draft
        text = fold("\n".join((draft.title, draft.description, *draft.tags)))
        return all(word in text for word in words)


def post(
    db: Connection, domain: Domain, employer: str, draft: Draft, now: int, chain_time: int
) -> int:
    """Post a job, close the one that it replaces, and return its number.

    Args:
        db: The transaction.
        domain: The escrow for whose deals it is.
        employer: Who asks for proposals.
        draft: What it says.
        now: Unix seconds of the machine.
        chain_time: Unix seconds of the chain.

    Raises:
        UsageError: As ``Draft.check``; also if it would end at once or in more than ten years
            (``bad-closes``), or replaces what is not the employer's (``no-job``) or has a new
            version (``replaced``).
    """
    draft.check()
    closes, replaces = draft.closes, draft.replaces
    if closes is not None and not chain_time < closes <= chain_time + MAX_HORIZON:
        raise UsageError(
            "The time until which there may be proposals is past, or more than ten years away.",
            "Give a later time, or none.",
            code="bad-closes",
            field="closes",
        )
    if replaces is not None:
        _replace(db, domain, employer, replaces, now)
    budget = draft.budget
    added = db.execute(
        insert(jobs)
        .values(
            chain_id=domain.chain_id,
            escrow=address_bytes(domain.escrow),
            employer=address_bytes(employer),
            title=draft.title,
            description=draft.description,
            token=None if budget is None else address_bytes(budget.token),
            least=None if budget is None else str(budget.least),
            most=None if budget is None else str(budget.most),
            closes=closes,
            reserve=draft.reserve,
            replaces=replaces,
            created=now,
        )
        .returning(jobs.c.number)
    )
    number = int(added.scalar_one())
    if draft.tags:
        tags = [
            {"job": number, "place": i, "tag": tag, "folded": fold(tag)}
            for i, tag in enumerate(draft.tags)
        ]
        db.execute(insert(job_tags), tags)
    return number


def find(db: Connection, domain: Domain, number: int) -> Job | None:
    """Return a job; None: there is none of that number."""
    rows = db.execute(select(jobs).where(*_of(domain), jobs.c.number == number)).all()
    return next(iter(_jobs(db, rows)), None)


def page(
    db: Connection,
    domain: Domain,
    *,
    employer: str | None,
    tag: str | None,
    before: int | None,
    limit: int,
) -> list[Job]:
    """Return jobs, the newest first.

    Args:
        db: The transaction.
        domain: Of whose deals.
        employer: Only that one's.
        tag: Only those with this tag, however it is written.
        before: Only those with a smaller number.
        limit: At most so many.
    """
    sought = select(jobs).where(*_of(domain))
    if employer is not None:
        sought = sought.where(jobs.c.employer == address_bytes(employer))
    if tag is not None:
        tagged = select(job_tags.c.job).where(job_tags.c.folded == fold(tag))
        sought = sought.where(jobs.c.number.in_(tagged))
    if before is not None:
        sought = sought.where(jobs.c.number < before)
    return _jobs(db, db.execute(sought.order_by(jobs.c.number.desc()).limit(limit)).all())


def close(db: Connection, number: int, now: int) -> None:
    """Take no more first proposals; a job that is closed stays closed since then."""
    db.execute(
        update(jobs).where(jobs.c.number == number, jobs.c.closed.is_(None)).values(closed=now)
    )


def _replace(db: Connection, domain: Domain, employer: str, number: int, now: int) -> None:
    lock(db, b"job" + number.to_bytes(8))  # of two new versions one is refused in words
    old = find(db, domain, number)
    if old is None or old.employer != employer:
        raise UsageError(
            f"There is no job {number} of this account to replace.",
            "Name a job of your own, or none.",
            code="no-job",
            field="replaces",
        )
    if old.replaced_by is not None:
        raise UsageError(
            f"Job {number} has a new version already, which is {old.replaced_by}.",
            f"Replace {old.replaced_by}.",
            code="replaced",
            field="replaces",
        )
    close(db, number, now)


def _of(domain: Domain) -> tuple[Any, ...]:
    return jobs.c.chain_id == domain.chain_id, jobs.c.escrow == address_bytes(domain.escrow)


def _jobs(db: Connection, rows: Sequence[Row[Any]]) -> list[Job]:
    numbers = [row.number for row in rows]
    tags: dict[int, list[str]] = {number: [] for number in numbers}
    tagged = select(job_tags).where(job_tags.c.job.in_(numbers))
    for row in db.execute(tagged.order_by(job_tags.c.job, job_tags.c.place)):
        tags[row.job].append(row.tag)
    newer = {
        row.replaces: row.number
        for row in db.execute(
            select(jobs.c.replaces, jobs.c.number).where(jobs.c.replaces.in_(numbers))
        )
    }
    return [_job(row, tuple(tags[row.number]), newer.get(row.number)) for row in rows]


def _job(row: Row[Any], tags: tuple[str, ...], replaced_by: int | None) -> Job:
    budget = None
    if row.token is not None:
        budget = Budget(address_text(row.token), int(row.least), int(row.most))
    reserve = None if row.reserve is None else bytes(row.reserve)
    draft = Draft(row.title, row.description, tags, budget, row.closes, reserve, row.replaces)
    return Job(row.number, address_text(row.employer), draft, row.created, row.closed, replaced_by)
