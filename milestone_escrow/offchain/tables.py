"""The off-chain tables, the same for SQLite and PostgreSQL.

Their names begin with a prefix, by which the index knows that they are none of its own.
Addresses and hashes are bytes. Times are unix seconds of the machine: nothing here waits for a
block. A change of the tables comes with a revision in ``milestone_escrow/offchain/migrations``; a
test holds what the revisions make against what stands here.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, Table, Text

from milestone_escrow.indexer.engine import OFFCHAIN_PREFIX as PREFIX

__all__ = [
    "METADATA",
    "REVISION",
    "VERSION_TABLE",
    "kept_answers",
    "nonces",
    "sessions",
    "usage",
]

VERSION_TABLE: Final = PREFIX + "version"
"""Where Alembic remembers the revision; the index has a table of its own for that."""

REVISION: Final = "0001"
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
