"""From no off-chain tables, or those of an earlier version, to those of this one, by Alembic.

Unlike the index these rows cannot be made again, so every revision converts what is there. The
version stands in ``offchain_version``.
"""

from __future__ import annotations

from typing import Final

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection

__all__ = ["head", "migrate"]

_SCRIPTS: Final = __name__.replace(".migrations", ":migrations")


def head() -> str:
    """Return the revision of this version of the program."""
    found = ScriptDirectory.from_config(_config()).get_current_head()
    assert found is not None
    return found


def migrate(db: Connection) -> None:
    """Bring the tables up to date, in the transaction of ``db``, which nobody else is in."""
    config = _config()
    config.attributes["connection"] = db
    command.upgrade(config, "head")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", _SCRIPTS)
    return config
