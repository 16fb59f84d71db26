"""From the schema of an earlier version to that of this one, by Alembic.

A new index is made by ``milestone_escrow.indexer.tables`` and marked with the last revision here.
A change of the tables comes with a revision of its own and its number in ``tables.REVISION``; a
test holds what the revisions give against what ``tables`` makes. A revision need not convert the
derived tables: ``sources.deals`` of -1 says that they are to be made again from the events.
"""

from __future__ import annotations

from typing import Any

__all__ = ["migrate"]


def migrate(path: str) -> None:
    """Bring an index in a file up to date, in one transaction."""
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import create_engine, event, inspect

    engine = create_engine("sqlite:///" + path)

    @event.listens_for(engine, "connect")
    def _(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # the driver would leave tables out of transactions

    @event.listens_for(engine, "begin")
    def _(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    config = Config()
    config.set_main_option("script_location", __name__.replace(".migrations", ":migrations"))
    try:
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            if not inspect(connection).has_table("alembic_version"):
                command.stamp(config, "0001")
            command.upgrade(config, "head")
    finally:
        engine.dispose()
