"""Proposals: agreements that freelancers signed for employers, and the terms these answer with.

What a freelancer proposes is a whole agreement with the signature that would bind them. The
signature is kept from everybody until the employer awards: then it is handed out, and only then.
Whoever withdraws before has bound themselves to nothing, since nobody has it, and it is deleted.
After it was handed out it binds until the agreement's ``accept_by``: nobody can take it back.

What an employer answers with (a counter-proposal), or offers without a job, has no signature: the
freelancer accepts it by a proposal of exactly that agreement.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import exists, or_, select, update
from sqlalchemy.engine import Connection, Row

from milestone_escrow.agreement import Agreement
from milestone_escrow.exceptions import UsageError
from milestone_escrow.indexer.rows import address_bytes, address_text
from milestone_escrow.messages import Domain
from milestone_escrow.offchain.comments import check_text
from milestone_escrow.offchain.proposal import Proposal, Written
from milestone_escrow.offchain.statements import upsert
from milestone_escrow.offchain.tables import proposals
from milestone_escrow.times import instant
from milestone_escrow.typed_data import deal_id

__all__ = [
    "add",
    "deals_of_jobs",
    "find",
    "hand_out",
    "page",
    "set_shortlisted",
    "shows",
    "signature_of",
    "thread",
    "withdraw",
]

_READ: Final = [column for column in proposals.c if column.name != "signature"]


# --- Writing


def add(db: Connection, domain: Domain, written: Written, now: int) -> int:
    """Keep a proposal and return its number; that its terms are fit was seen to before.

    Args:
        db: The transaction, in which its document was kept.
        domain: Of the deal.
        written: The proposal.
        now: Unix seconds of the machine.

    Raises:
        UsageError: The cover is no text, or its author proposes the very same agreement already
            (``proposed-before``).
    """
    check_text(written.cover, "cover")
    terms, answered, author = written.agreement, written.in_reply_to, address_bytes(written.author)
    becoming = deal_id(terms, domain)
    added = db.execute(
        upsert(db, proposals)
        .values(
            chain_id=domain.chain_id,
            escrow=address_bytes(domain.escrow),
            job=written.job,
            employer=address_bytes(terms.employer),
            freelancer=address_bytes(terms.freelancer),
            author=author,
            thread=None if answered is None else answered.thread,
            in_reply_to=None if answered is None else answered.number,
            deal_id=becoming,
            agreement=json.dumps(terms.to_json()),
            document=terms.document,
            cover=written.cover,
            signature=written.signature,
            created=now,
            shortlisted=False,
        )
        .on_conflict_do_nothing(
            index_elements=[proposals.c.deal_id, proposals.c.author],
            index_where=proposals.c.withdrawn.is_(None),
        )
        .returning(proposals.c.number)
    ).scalar_one_or_none()
    if added is None:
        raise UsageError(
            "This account proposes this very agreement already.",
            "Draw a new nonce for its document, which makes it another.",
            code="proposed-before",
        )
    return int(added)


def withdraw(db: Connection, number: int, now: int) -> None:
    """Take a proposal back and delete its signature; one that was taken back stays so.

    Raises:
        UsageError: The employer has the signature (``handed-out``).
    """
    db.execute(
        update(proposals)
        .where(
            proposals.c.number == number,
            proposals.c.handed_out.is_(None),
            proposals.c.withdrawn.is_(None),
        )
        .values(withdrawn=now, signature=None)
    )
    row = _row(db, number)
    if row.handed_out is not None:
        until = instant(Agreement.from_json(json.loads(row.agreement)).accept_by)
        raise UsageError(
            f"The employer has the signature since {instant(row.handed_out)}, and nobody can take "
            f"it back: it binds until {until}.",
            "Wait until then, or find other terms with the employer.",
            code="handed-out",
        )


def hand_out(db: Connection, number: int, now: int) -> bytes:
    """Return the signature of a proposal, from now on the employer's; again: the same.

    Raises:
        UsageError: As ``signature_of``.
    """
    db.execute(
        update(proposals)
        .where(
            proposals.c.number == number,
            proposals.c.handed_out.is_(None),
            proposals.c.signature.is_not(None),
        )
        .values(handed_out=now)
    )
    return signature_of(db, number)


def signature_of(db: Connection, number: int) -> bytes:
    """Return the signature of a proposal: for who awards it alone.

    Raises:
        UsageError: It was withdrawn (``withdrawn``), or an employer wrote it (``not-signed``).
    """
    row = _row(db, number)
    if row.withdrawn is not None:
        raise UsageError(
            "The proposal was withdrawn, and its signature is gone.",
            "Ask the freelancer for another.",
            code="withdrawn",
        )
    if row.signature is None:
        raise UsageError(
            "The freelancer has not signed this.",
            "Wait until the freelancer proposes it in reply, and award that.",
            code="not-signed",
        )
    return bytes(row.signature)


def set_shortlisted(db: Connection, number: int, *, shortlisted: bool) -> None:
    """Take a proposal into the employer's closer choice, or out of it."""
    db.execute(
        update(proposals).where(proposals.c.number == number).values(shortlisted=shortlisted)
    )


# --- Reading


def find(db: Connection, domain: Domain, number: int, reader: str) -> Proposal | None:
    """Return a proposal; None: there is none of that number, or it is not the reader's to see."""
    mine = _read_by(domain, reader)
    rows = db.execute(select(*_READ).where(*mine, proposals.c.number == number)).all()
    return next(iter(_proposals(db, rows)), None)


def page(
    db: Connection,
    domain: Domain,
    reader: str,
    *,
    job: int | None = None,
    shortlisted: bool | None = None,
    before: int | None = None,
    limit: int,
) -> list[Proposal]:
    """Return proposals that are the reader's to see, the newest first.

    Args:
        db: The transaction.
        domain: Of the deals.
        reader: Employer or freelancer.
        job: Only those for it.
        shortlisted: Only those that the reader, being the employer, took into the closer choice;
            False: only the others.
        before: Only those with a smaller number.
        limit: At most so many.
    """
    sought = select(*_READ).where(*_read_by(domain, reader))
    if job is not None:
        sought = sought.where(proposals.c.job == job)
    if shortlisted is not None:
        own = proposals.c.employer == address_bytes(reader)
        sought = sought.where(own, proposals.c.shortlisted.is_(shortlisted))
    if before is not None:
        sought = sought.where(proposals.c.number < before)
    rows = db.execute(sought.order_by(proposals.c.number.desc()).limit(limit)).all()
    return _proposals(db, rows)


def thread(db: Connection, first: int, *, after: int, limit: int) -> list[Proposal]:
    """Return a proposal and all that answered it or its answers, in their order.

    Args:
        db: The transaction.
        first: Number of the first one; all of them have its two readers.
        after: Only those with a greater number.
        limit: At most so many.
    """
    rows = db.execute(
        select(*_READ)
        .where(
            or_(proposals.c.number == first, proposals.c.thread == first),
            proposals.c.number > after,
        )
        .order_by(proposals.c.number)
        .limit(limit)
    ).all()
    return _proposals(db, rows)


def shows(db: Connection, document_hash: bytes, reader: str) -> bool:
    """Return whether a proposal shows its document to somebody: to its employer and freelancer.

    Whoever proposes it sends the document along, so nobody can show what they have not seen.
    """
    side = address_bytes(reader)
    found = exists().where(
        proposals.c.document == document_hash,
        or_(proposals.c.employer == side, proposals.c.freelancer == side),
    )
    return bool(db.execute(select(found)).scalar_one())


def deals_of_jobs(db: Connection, numbers: Sequence[int]) -> dict[int, set[bytes]]:
    """Return by jobs the ids of the deals that were proposed for them."""
    found: dict[int, set[bytes]] = {number: set() for number in numbers}
    rows = db.execute(
        select(proposals.c.job, proposals.c.deal_id).where(proposals.c.job.in_(list(numbers)))
    )
    for row in rows:
        found[row.job].add(bytes(row.deal_id))
    return found


def _read_by(domain: Domain, reader: str) -> tuple[Any, ...]:
    side = address_bytes(reader)
    return (
        proposals.c.chain_id == domain.chain_id,
        proposals.c.escrow == address_bytes(domain.escrow),
        or_(proposals.c.employer == side, proposals.c.freelancer == side),
    )


def _row(db: Connection, number: int) -> Row[Any]:
    return db.execute(select(proposals).where(proposals.c.number == number)).one()


def _proposals(db: Connection, rows: Sequence[Row[Any]]) -> list[Proposal]:
    numbers = [row.number for row in rows]
    answers: dict[int, set[bytes]] = {number: set() for number in numbers}
    for answer in db.execute(
        select(proposals.c.in_reply_to, proposals.c.deal_id).where(
            proposals.c.in_reply_to.in_(numbers), proposals.c.withdrawn.is_(None)
        )
    ):
        answers[answer.in_reply_to].add(bytes(answer.deal_id))
    return [_proposal(row, answers[row.number]) for row in rows]


def _proposal(row: Row[Any], answers: set[bytes]) -> Proposal:
    return Proposal(
        number=row.number,
        job=row.job,
        author=address_text(row.author),
        thread=row.number if row.thread is None else row.thread,
        in_reply_to=row.in_reply_to,
        deal_id=bytes(row.deal_id),
        agreement=Agreement.from_json(json.loads(row.agreement)),
        cover=row.cover,
        created=row.created,
        withdrawn=row.withdrawn,
        handed_out=row.handed_out,
        shortlisted=row.shortlisted,
        answered=bool(answers),
        accepted=bytes(row.deal_id) in answers,
    )
