"""Jobs and proposals."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "offchain_jobs",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("chain_id", sa.BigInteger, nullable=False),
        sa.Column("escrow", sa.LargeBinary, nullable=False),
        sa.Column("employer", sa.LargeBinary, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("token", sa.LargeBinary),
        sa.Column("least", sa.Text),
        sa.Column("most", sa.Text),
        sa.Column("closes", sa.BigInteger),
        sa.Column("reserve", sa.LargeBinary),
        sa.Column("replaces", sa.Integer, sa.ForeignKey("offchain_jobs.number"), unique=True),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("closed", sa.BigInteger),
    )
    op.create_index("offchain_jobs_by_employer", "offchain_jobs", ["employer"])
    op.create_table(
        "offchain_job_tags",
        sa.Column("job", sa.Integer, sa.ForeignKey("offchain_jobs.number"), primary_key=True),
        sa.Column("place", sa.Integer, primary_key=True),
        sa.Column("tag", sa.Text, nullable=False),
        sa.Column("folded", sa.Text, nullable=False),
    )
    op.create_index("offchain_job_tags_by_word", "offchain_job_tags", ["folded"])
    op.create_table(
        "offchain_proposals",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("chain_id", sa.BigInteger, nullable=False),
        sa.Column("escrow", sa.LargeBinary, nullable=False),
        sa.Column("job", sa.Integer, sa.ForeignKey("offchain_jobs.number")),
        sa.Column("employer", sa.LargeBinary, nullable=False),
        sa.Column("freelancer", sa.LargeBinary, nullable=False),
        sa.Column("author", sa.LargeBinary, nullable=False),
        sa.Column("thread", sa.Integer, sa.ForeignKey("offchain_proposals.number")),
        sa.Column("in_reply_to", sa.Integer, sa.ForeignKey("offchain_proposals.number")),
        sa.Column("deal_id", sa.LargeBinary, nullable=False),
        sa.Column("agreement", sa.Text, nullable=False),
        sa.Column(
            "document", sa.LargeBinary, sa.ForeignKey("offchain_contents.hash"), nullable=False
        ),
        sa.Column("cover", sa.Text, nullable=False),
        sa.Column("signature", sa.LargeBinary),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("withdrawn", sa.BigInteger),
        sa.Column("handed_out", sa.BigInteger),
        sa.Column("shortlisted", sa.Boolean, nullable=False),
    )
    for name, columns in (
        ("of_job", ["job"]),
        ("of_employer", ["employer"]),
        ("of_freelancer", ["freelancer"]),
        ("by_thread", ["thread"]),
        ("by_reply", ["in_reply_to"]),
        ("by_document", ["document"]),
    ):
        op.create_index(f"offchain_proposals_{name}", "offchain_proposals", columns)
    op.create_index(
        "offchain_proposals_that_stand",
        "offchain_proposals",
        ["deal_id", "author"],
        unique=True,
        sqlite_where=sa.text("withdrawn IS NULL"),
        postgresql_where=sa.text("withdrawn IS NULL"),
    )
