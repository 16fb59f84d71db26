"""The off-chain tables, the same for SQLite and PostgreSQL.

Their names begin with a prefix, by which the index knows that they are none of its own.
Addresses and hashes are bytes. Times are unix seconds of the machine: nothing here waits for a
block. A change of the tables comes with a revision in ``milestone_escrow/offchain/migrations``; a
test holds what the revisions make against what stands here.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    text,
)

from milestone_escrow.indexer.engine import OFFCHAIN_PREFIX as PREFIX

__all__ = [
    "METADATA",
    "REVISION",
    "VERSION_TABLE",
    "comments",
    "contacts",
    "contents",
    "deliveries",
    "documents",
    "files",
    "job_tags",
    "jobs",
    "kept_answers",
    "nonces",
    "proposals",
    "reports",
    "sessions",
    "usage",
    "webhooks",
]

VERSION_TABLE: Final = PREFIX + "version"
"""Where Alembic remembers the revision; the index has a table of its own for that."""

REVISION: Final = "0004"
"""The last revision in ``milestone_escrow/offchain/migrations``."""

METADATA: Final = MetaData()

nonces: Final = Table(
    PREFIX + "nonces",
    METADATA,
    Column("nonce", Text, primary_key=True),
    Column("address", LargeBinary, nullable=False),
    Column("chain_id", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False),
    Index("offchain_nonces_by_expiry", "expires"),
)
"""What sign-in messages were given out with and are not used yet."""

sessions: Final = Table(
    PREFIX + "sessions",
    METADATA,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("address", LargeBinary, nullable=False),
    Column("chain_id", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False),
    Index("offchain_sessions_by_expiry", "expires"),
)
"""Who is signed in; the token itself is nowhere."""

kept_answers: Final = Table(
    PREFIX + "kept_answers",
    METADATA,
    Column("account", LargeBinary, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("request_hash", LargeBinary, nullable=False),
    Column("answer", LargeBinary, nullable=False),
    Column("expires", BigInteger, nullable=False),
    Index("offchain_kept_answers_by_expiry", "expires"),
)
"""What was answered to a write with an Idempotency-Key."""

usage: Final = Table(
    PREFIX + "usage",
    METADATA,
    Column("account", LargeBinary, primary_key=True),
    Column("day", Integer, primary_key=True),
    Column("bytes", BigInteger, nullable=False),
    Index("offchain_usage_by_day", "day"),
)
"""Bytes that an account wrote on a day of UTC, counted in days since 1970."""

contents: Final = Table(
    PREFIX + "contents",
    METADATA,
    Column("hash", LargeBinary, primary_key=True),
    Column("content", LargeBinary, nullable=False),
)
"""Bytes by their keccak256, each once however many put them here."""

documents: Final = Table(
    PREFIX + "documents",
    METADATA,
    Column("hash", LargeBinary, ForeignKey(PREFIX + "contents.hash"), primary_key=True),
    Column("author", LargeBinary, primary_key=True),
    Column("created", BigInteger, nullable=False),
)
"""Who put which agreement document here."""

files: Final = Table(
    PREFIX + "files",
    METADATA,
    Column("deal_id", LargeBinary, primary_key=True),
    Column("hash", LargeBinary, ForeignKey(PREFIX + "contents.hash"), primary_key=True),
    Column("number", Integer, nullable=False),
    Column("author", LargeBinary, nullable=False),
    Column("media", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("created", BigInteger, nullable=False),
    Index("offchain_files_by_hash", "hash"),
    Index("offchain_files_by_number", "deal_id", "number", unique=True),
)
"""Evidence and other files of deals, numbered from 1."""

comments: Final = Table(
    PREFIX + "comments",
    METADATA,
    Column("deal_id", LargeBinary, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("author", LargeBinary, nullable=False),
    Column("milestone", Integer),
    Column("text", Text, nullable=False),
    Column("nonce", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("created", BigInteger, nullable=False),
)
"""What the parties of a deal write to each other; numbered from 1, each names the one before."""

contacts: Final = Table(
    PREFIX + "contacts",
    METADATA,
    Column("address", LargeBinary, primary_key=True),
    Column("email", Text, nullable=False),
    Column("updated", BigInteger, nullable=False),
)
"""Where an account wants to be written to."""

reports: Final = Table(
    PREFIX + "reports",
    METADATA,
    Column("report", LargeBinary, primary_key=True),
    Column("author", LargeBinary, nullable=False),
    Column("address", LargeBinary),
    Column("deal_id", LargeBinary),
    Column("text", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    Index("offchain_reports_by_time", "created"),
)
"""What users tell whoever runs the bridge of others; nobody else reads it, nothing follows."""

jobs: Final = Table(
    PREFIX + "jobs",
    METADATA,
    Column("number", Integer, primary_key=True),
    Column("chain_id", BigInteger, nullable=False),
    Column("escrow", LargeBinary, nullable=False),
    Column("employer", LargeBinary, nullable=False),
    Column("title", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("token", LargeBinary),
    Column("least", Text),
    Column("most", Text),
    Column("closes", BigInteger),
    Column("reserve", LargeBinary),
    Column("replaces", Integer, ForeignKey(PREFIX + "jobs.number"), unique=True),
    Column("created", BigInteger, nullable=False),
    Column("closed", BigInteger),
    Index("offchain_jobs_by_employer", "employer"),
)
"""Work that employers ask proposals for. Token and raw units, as decimal strings, are the budget;
``closes`` is of the chain's time, ``reserve`` the id of a deal. Never changed but to be closed."""

job_tags: Final = Table(
    PREFIX + "job_tags",
    METADATA,
    Column("job", Integer, ForeignKey(PREFIX + "jobs.number"), primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("tag", Text, nullable=False),
    Column("folded", Text, nullable=False),
    Index("offchain_job_tags_by_word", "folded"),
)
"""Words that jobs are found by: as they were written, and as they are compared."""

proposals: Final = Table(
    PREFIX + "proposals",
    METADATA,
    Column("number", Integer, primary_key=True),
    Column("chain_id", BigInteger, nullable=False),
    Column("escrow", LargeBinary, nullable=False),
    Column("job", Integer, ForeignKey(PREFIX + "jobs.number")),
    Column("employer", LargeBinary, nullable=False),
    Column("freelancer", LargeBinary, nullable=False),
    Column("author", LargeBinary, nullable=False),
    Column("thread", Integer, ForeignKey(PREFIX + "proposals.number")),
    Column("in_reply_to", Integer, ForeignKey(PREFIX + "proposals.number")),
    Column("deal_id", LargeBinary, nullable=False),
    Column("agreement", Text, nullable=False),
    Column("document", LargeBinary, ForeignKey(PREFIX + "contents.hash"), nullable=False),
    Column("cover", Text, nullable=False),
    Column("signature", LargeBinary),
    Column("created", BigInteger, nullable=False),
    Column("withdrawn", BigInteger),
    Column("handed_out", BigInteger),
    Column("shortlisted", Boolean, nullable=False),
    Index("offchain_proposals_of_job", "job"),
    Index("offchain_proposals_of_employer", "employer"),
    Index("offchain_proposals_of_freelancer", "freelancer"),
    Index("offchain_proposals_by_thread", "thread"),
    Index("offchain_proposals_by_reply", "in_reply_to"),
    Index("offchain_proposals_by_document", "document"),
    Index(
        "offchain_proposals_that_stand",
        "deal_id",
        "author",
        unique=True,
        sqlite_where=text("withdrawn IS NULL"),
        postgresql_where=text("withdrawn IS NULL"),
    ),
)
"""Agreements that freelancers signed for employers, and terms that employers answer with.

``thread`` is the first one's number, null in itself. The signature is the freelancer's; it is gone
once it is withdrawn, and null where an employer is the author."""

webhooks: Final = Table(
    PREFIX + "webhooks",
    METADATA,
    Column("number", Integer, primary_key=True),
    Column("chain_id", BigInteger, nullable=False),
    Column("escrow", LargeBinary, nullable=False),
    Column("account", LargeBinary, nullable=False),
    Column("url", Text, nullable=False),
    Column("kinds", Text, nullable=False),
    Column("deal_id", LargeBinary),
    Column("secret", Text, nullable=False),
    Column("old_secret", Text),
    Column("old_until", BigInteger),
    Column("told", BigInteger, nullable=False),
    Column("failing", Boolean, nullable=False),
    Column("busy_until", BigInteger, nullable=False),
    Column("off", Text),
    Column("created", BigInteger, nullable=False),
    Index("offchain_webhooks_of_account", "account"),
)
"""Where accounts want to be told of their deals' events.

``told`` is the sequence of the outbox up to which messages were made, ``busy_until`` when whoever
sends one now is given up, ``off`` why nothing more is sent; the old secret signs beside the new one
until ``old_until``."""

deliveries: Final = Table(
    PREFIX + "deliveries",
    METADATA,
    Column("number", Integer, primary_key=True),
    Column(
        "webhook",
        Integer,
        ForeignKey(PREFIX + "webhooks.number", ondelete="CASCADE"),
        nullable=False,
    ),
    Column("message", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("deal_id", LargeBinary),
    Column("body", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_try", BigInteger),
    Column("tried", BigInteger),
    Column("status", Integer),
    Column("error", Text),
    Index("offchain_deliveries_of_webhook", "webhook", "number"),
    Index("offchain_deliveries_due", "webhook", "next_try"),
)
"""Messages to webhooks. ``next_try`` is null once it is over, delivered or not; ``error`` says why
the last attempt failed, and is null where it did not."""
