"""Sign-in: nonces, sessions; answers that are kept, and what each account wrote."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "offchain_nonces",
        sa.Column("nonce", sa.Text, primary_key=True),
        sa.Column("address", sa.LargeBinary, nullable=False),
        sa.Column("chain_id", sa.BigInteger, nullable=False),
        sa.Column("expires", sa.BigInteger, nullable=False),
    )
    op.create_index("offchain_nonces_by_expiry", "offchain_nonces", ["expires"])
    op.create_table(
        "offchain_sessions",
        sa.Column("token_hash", sa.LargeBinary, primary_key=True),
        sa.Column("address", sa.LargeBinary, nullable=False),
        sa.Column("chain_id", sa.BigInteger, nullable=False),
        sa.Column("expires", sa.BigInteger, nullable=False),
    )
    op.create_index("offchain_sessions_by_expiry", "offchain_sessions", ["expires"])
    op.create_table(
        "offchain_kept_answers",
        sa.Column("account", sa.LargeBinary, primary_key=True),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("request_hash", sa.LargeBinary, nullable=False),
        sa.Column("answer", sa.LargeBinary, nullable=False),
        sa.Column("expires", sa.BigInteger, nullable=False),
    )
    op.create_index("offchain_kept_answers_by_expiry", "offchain_kept_answers", ["expires"])
    op.create_table(
        "offchain_usage",
        sa.Column("account", sa.LargeBinary, primary_key=True),
        sa.Column("day", sa.Integer, primary_key=True),
        sa.Column("bytes", sa.BigInteger, nullable=False),
    )
    op.create_index("offchain_usage_by_day", "offchain_usage", ["day"])
