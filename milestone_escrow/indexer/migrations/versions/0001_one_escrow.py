"""A file of one escrow, which told its version in a table ``meta``: made by the first version."""

from __future__ import annotations

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Do nothing: a file of this revision was never made by Alembic."""
