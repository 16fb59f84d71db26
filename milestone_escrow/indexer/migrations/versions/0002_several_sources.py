"""Several sources in one index, compact keys, an outbox; the derived tables are made again.

The first revision of PostgreSQL, where it is made, never reached: so ``upgrade`` speaks SQLite.
"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"

_SOURCE = 1
_OLD_INDEXES = (
    "blocks_without_events",
    "events_of_deal",
    "deals_of_employer",
    "deals_of_freelancer",
    "deals_of_arbiter",
)
_OLD_TABLES = ("meta", "blocks", "events", "deals", "milestones", "credits", "ledgers")
_KINDS = (
    "Opened",
    "Accepted",
    "Superseded",
    "Active",
    "Funded",
    "ReleaseRequested",
    "RequestVoided",
    "Disputed",
    "Ruled",
    "Released",
    "Refunded",
    "Moved",
    "Credited",
    "CreditPaid",
)
_NEW = (
    "CREATE TABLE sources (source INTEGER NOT NULL, chain_id INTEGER NOT NULL, "
    "genesis_hash BLOB NOT NULL, escrow BLOB NOT NULL, notes BLOB, "
    "from_block INTEGER NOT NULL, checkpoint INTEGER NOT NULL, checkpoint_hash BLOB, "
    "final_block INTEGER, sequence INTEGER NOT NULL, deals INTEGER NOT NULL, "
    "known_events INTEGER NOT NULL, unknown_logs INTEGER NOT NULL, "
    "foreign_logs INTEGER NOT NULL, PRIMARY KEY (source))",
    "CREATE UNIQUE INDEX sources_of_chain ON sources (chain_id, escrow)",
    "CREATE TABLE blocks (block INTEGER NOT NULL, hash BLOB NOT NULL, parent_hash BLOB, "
    "timestamp INTEGER NOT NULL, has_events INTEGER NOT NULL, PRIMARY KEY (block))",
    "CREATE INDEX blocks_without_events ON blocks (block) WHERE NOT has_events",
    "CREATE TABLE events (position INTEGER NOT NULL, kind INTEGER NOT NULL, "
    "deal INTEGER, milestone INTEGER, tx_hash BLOB NOT NULL, topics BLOB NOT NULL, "
    "data BLOB NOT NULL, PRIMARY KEY (position))",
    "CREATE INDEX events_of_deal ON events (deal) WHERE deal IS NOT NULL",
    "CREATE TABLE other_logs (position INTEGER NOT NULL, contract BLOB NOT NULL, "
    "tx_hash BLOB NOT NULL, topics BLOB NOT NULL, data BLOB NOT NULL, "
    "PRIMARY KEY (position))",
    "CREATE TABLE outbox (entry INTEGER NOT NULL, happened INTEGER NOT NULL, "
    "count INTEGER NOT NULL, position INTEGER NOT NULL, last INTEGER NOT NULL, "
    "kind INTEGER, deal_id BLOB, tx_hash BLOB, PRIMARY KEY (entry))",
    "CREATE TABLE deals (deal INTEGER NOT NULL, source INTEGER NOT NULL, "
    "deal_id BLOB NOT NULL, opened INTEGER NOT NULL, employer BLOB NOT NULL, "
    "freelancer BLOB NOT NULL, arbiter BLOB NOT NULL, token BLOB NOT NULL, "
    "bound INTEGER NOT NULL, closed INTEGER NOT NULL, successor BLOB, "
    "funded INTEGER NOT NULL, settled INTEGER NOT NULL, last_activity INTEGER NOT NULL, "
    "PRIMARY KEY (deal))",
    "CREATE UNIQUE INDEX deals_by_id ON deals (source, deal_id)",
    "CREATE INDEX deals_of_employer ON deals (employer)",
    "CREATE INDEX deals_of_freelancer ON deals (freelancer)",
    "CREATE INDEX deals_of_arbiter ON deals (arbiter)",
    "CREATE TABLE milestones (deal INTEGER NOT NULL, milestone INTEGER NOT NULL, "
    "amount TEXT NOT NULL, status INTEGER NOT NULL, remaining TEXT NOT NULL, "
    "paid TEXT NOT NULL, fees TEXT NOT NULL, refunded TEXT NOT NULL, "
    "moved TEXT NOT NULL, arbiter_share TEXT NOT NULL, since INTEGER NOT NULL, "
    "evidence BLOB, reason BLOB, ruled_freelancer TEXT, ruled_employer TEXT, "
    "outcome TEXT, funded_block INTEGER, PRIMARY KEY (deal, milestone)) WITHOUT ROWID",
    "CREATE TABLE credits (source INTEGER NOT NULL, token BLOB NOT NULL, "
    "owner BLOB NOT NULL, amount TEXT NOT NULL, PRIMARY KEY (source, token, "
    "owner)) WITHOUT ROWID",
    "CREATE TABLE ledgers (source INTEGER NOT NULL, token BLOB NOT NULL, "
    "funded TEXT NOT NULL, moved TEXT NOT NULL, gross TEXT NOT NULL, fees TEXT NOT NULL, "
    "shares TEXT NOT NULL, refunded TEXT NOT NULL, credited TEXT NOT NULL, "
    "credit_paid TEXT NOT NULL, PRIMARY KEY (source, token)) WITHOUT ROWID",
)


def upgrade() -> None:
    """Move blocks and logs into the new tables."""
    db = op.get_bind()
    for index in _OLD_INDEXES:
        db.exec_driver_sql(f"DROP INDEX {index}")
    for table in _OLD_TABLES:
        db.exec_driver_sql(f"ALTER TABLE {table} RENAME TO old_{table}")
    for statement in _NEW:
        db.exec_driver_sql(statement)
    kinds = " ".join(f"WHEN '{name}' THEN {kind}" for kind, name in enumerate(_KINDS, 1))
    first = _SOURCE << 52
    db.exec_driver_sql(
        f"INSERT INTO blocks SELECT {_SOURCE << 32} | number, hash, parent_hash, timestamp, "
        "has_events FROM old_blocks"
    )
    db.exec_driver_sql(
        f"INSERT INTO events SELECT {first} | position, CASE name {kinds} END, "
        f"{_SOURCE << 40} | deal, milestone, tx_hash, substr(topics, 33), data "
        "FROM old_events WHERE name IS NOT NULL ORDER BY position"
    )
    db.exec_driver_sql(
        f"INSERT INTO outbox SELECT {first} | 1, 1, count(*), min(position), max(position), "
        "NULL, NULL, NULL FROM events HAVING count(*) > 0"
    )
    (escrow,) = db.exec_driver_sql("SELECT escrow FROM old_meta").one()
    db.exec_driver_sql(
        f"INSERT INTO other_logs SELECT {first} | position, ?, tx_hash, topics, data "
        "FROM old_events WHERE name IS NULL",
        (bytes.fromhex(escrow[2:]),),
    )
    db.exec_driver_sql(
        f"INSERT INTO sources SELECT {_SOURCE}, chain_id, genesis_hash, ?, NULL, from_block, "
        "checkpoint, checkpoint_hash, final_block, (SELECT count(*) FROM events), -1, "
        "(SELECT count(*) FROM events), (SELECT count(*) FROM other_logs), 0 FROM old_meta",
        (bytes.fromhex(escrow[2:]),),
    )
    for table in _OLD_TABLES:
        db.exec_driver_sql(f"DROP TABLE old_{table}")
