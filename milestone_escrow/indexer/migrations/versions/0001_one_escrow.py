"""What 0.1.0 wrote: a file of one escrow, which told its version in a table ``meta``.

SQLite only: 0.1.0 knew no other database.
"""

from __future__ import annotations

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Do nothing: a file of this revision was never made by Alembic."""
