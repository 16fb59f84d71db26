"""What Alembic runs: the revisions, over the connection that ``migrate`` gives."""

from __future__ import annotations

from alembic import context

from milestone_escrow.offchain.tables import VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    transactional_ddl=True,
    version_table=VERSION_TABLE,
)
with context.begin_transaction():
    context.run_migrations()
