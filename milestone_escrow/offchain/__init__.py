"""What the parties keep beside the chain: sessions, documents, files, comments, contacts.

It lives in the database of the index, in tables of its own with a version of their own: making the
index anew leaves it alone, since no chain could bring it back. ``database`` opens it, ``tables``
names what is there, and each subject has a module whose functions take an open transaction.
"""

from __future__ import annotations

from milestone_escrow.offchain.database import Offchain

__all__ = ["Offchain"]
