"""Webhooks and what is sent to them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "offchain_webhooks",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("chain_id", sa.BigInteger, nullable=False),
        sa.Column("escrow", sa.LargeBinary, nullable=False),
        sa.Column("account", sa.LargeBinary, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("kinds", sa.Text, nullable=False),
        sa.Column("deal_id", sa.LargeBinary),
        sa.Column("secret", sa.Text, nullable=False),
        sa.Column("old_secret", sa.Text),
        sa.Column("old_until", sa.BigInteger),
        sa.Column("told", sa.BigInteger, nullable=False),
        sa.Column("failing", sa.Boolean, nullable=False),
        sa.Column("busy_until", sa.BigInteger, nullable=False),
        sa.Column("off", sa.Text),
        sa.Column("created", sa.BigInteger, nullable=False),
    )
    op.create_index("offchain_webhooks_of_account", "offchain_webhooks", ["account"])
    op.create_table(
        "offchain_deliveries",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column(
            "webhook",
            sa.Integer,
            sa.ForeignKey("offchain_webhooks.number", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("message", sa.Text, nullable=False, unique=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("deal_id", sa.LargeBinary),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_try", sa.BigInteger),
        sa.Column("tried", sa.BigInteger),
        sa.Column("status", sa.Integer),
        sa.Column("error", sa.Text),
    )
    op.create_index("offchain_deliveries_of_webhook", "offchain_deliveries", ["webhook", "number"])
    op.create_index("offchain_deliveries_due", "offchain_deliveries", ["webhook", "next_try"])
