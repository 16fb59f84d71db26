"""Documents, files, comments, contacts, reports."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "offchain_contents",
        sa.Column("hash", sa.LargeBinary, primary_key=True),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "offchain_documents",
        sa.Column(
            "hash", sa.LargeBinary, sa.ForeignKey("offchain_contents.hash"), primary_key=True
        ),
        sa.Column("author", sa.LargeBinary, primary_key=True),
        sa.Column("created", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "offchain_files",
        sa.Column("deal_id", sa.LargeBinary, primary_key=True),
        sa.Column(
            "hash", sa.LargeBinary, sa.ForeignKey("offchain_contents.hash"), primary_key=True
        ),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("author", sa.LargeBinary, nullable=False),
        sa.Column("media", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
    )
    op.create_index("offchain_files_by_hash", "offchain_files", ["hash"])
    op.create_index(
        "offchain_files_by_number", "offchain_files", ["deal_id", "number"], unique=True
    )
    op.create_table(
        "offchain_comments",
        sa.Column("deal_id", sa.LargeBinary, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("author", sa.LargeBinary, nullable=False),
        sa.Column("milestone", sa.Integer),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("nonce", sa.LargeBinary, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "offchain_contacts",
        sa.Column("address", sa.LargeBinary, primary_key=True),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("updated", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "offchain_reports",
        sa.Column("report", sa.LargeBinary, primary_key=True),
        sa.Column("author", sa.LargeBinary, nullable=False),
        sa.Column("address", sa.LargeBinary),
        sa.Column("deal_id", sa.LargeBinary),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
    )
    op.create_index("offchain_reports_by_time", "offchain_reports", ["created"])
