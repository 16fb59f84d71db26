"""Opening an index: its version, and which of its sources is meant."""

from __future__ import annotations

from typing import Final

from milestone_escrow.exceptions import StoreError
from milestone_escrow.indexer.engine import Engine, Target, database_of, open_engine
from milestone_escrow.indexer.rows import address_bytes, source_of
from milestone_escrow.indexer.source import MAX_SOURCES, Source
from milestone_escrow.indexer.tables import REVISION

__all__ = [
    "add_source",
    "choose_source",
    "find_source",
    "incomplete",
    "known_sources",
    "prepare",
    "require_revision",
    "require_same",
    "revision_of",
    "sources_of",
]

# Files of one escrow, which told their version in a table of their own.
_FIRST_REVISION: Final = "0001"


def revision_of(db: Engine) -> str | None:
    """Return the schema's revision; None: there are no tables, or none of an index."""
    tables = db.tables()
    if "alembic_version" in tables and "sources" in tables:
        rows = db.rows("SELECT version_num FROM alembic_version")
        return str(rows[0][0]) if rows else None
    return _FIRST_REVISION if {"meta", "events", "blocks"} <= tables else None


def prepare(db: Engine, target: Target) -> None:
    """Make the tables if there are none, and bring those of an earlier version up to date.

    Args:
        db: The connection to them.
        target: Where they are.

    Raises:
        StoreError: They are of a later version, or of something else (``store-version``).
    """
    revision = revision_of(db)
    if revision is None:
        db.create()
    elif revision < REVISION:
        from milestone_escrow.indexer.migrations import migrate

        migrate(database_of(target))
    require_revision(db)


def require_revision(db: Engine) -> None:
    """Do nothing if the schema is that of this version.

    Raises:
        StoreError: It is another (``store-version``), or there is no index (``no-store``).
    """
    revision = revision_of(db)
    if revision == REVISION:
        return
    if revision is None and not db.tables():
        raise StoreError(
            f"There is no index {db.name}.", "Make one first: escrow index.", code="no-store"
        )
    if revision is None:
        sentence = f"{db.name} is not an index of this version of the program."
        remedy = "Give another file, or index again with --reset."
    elif revision > REVISION:
        sentence = f"{db.name} was written by a later version of the program, not by this version."
        remedy = "Use the later version, or index again with --reset."
    else:
        raise incomplete(db.name)
    raise StoreError(sentence, remedy, code="store-version")


def incomplete(name: str) -> StoreError:
    """Return the error of who reads what an earlier version wrote and none has converted."""
    return StoreError(
        f"{name} was written by an earlier version of the program, not by this version.",
        "Run escrow index, which brings it up to date.",
        code="store-version",
    )


def known_sources(db: Engine) -> list[tuple[int, Source]]:
    """Return all sources by number."""
    rows = db.rows(
        "SELECT source, chain_id, genesis_hash, escrow, notes, from_block FROM sources "
        "ORDER BY source"
    )
    return [(row[0], source_of(row[1:])) for row in rows]


def sources_of(target: Target) -> list[Source]:
    """Return what an index is of, in the order in which it was added; empty: there is none yet.

    Raises:
        StoreError: It cannot be read, or is none of this version (``store-version``).
    """
    try:
        db = open_engine(target, write=False)
    except StoreError as error:
        if error.code == "no-store":
            return []
        raise
    try:
        with db.errors():
            if not db.tables():
                return []
            require_revision(db)
            return [source for _, source in known_sources(db)]
    finally:
        db.close()


def choose_source(db: Engine, key: str | None) -> tuple[int, Source]:
    """Return the source that a key names, or the only one.

    Raises:
        StoreError: There is none (``no-store``), no such one, or several (``which-source``).
    """
    have = known_sources(db)
    if not have:
        raise StoreError(
            f"There is nothing in the index {db.name}.",
            "Make one first: escrow index.",
            code="no-store",
        )
    wanted = [each for each in have if key is None or key.lower() in _names(each[1])]
    if len(wanted) == 1:
        return wanted[0]
    keys = ", ".join(source.key for _, source in have)
    what = "several sources" if key is None or wanted else f"no source {key[:80]!r}"
    raise StoreError(
        f"The index {db.name} has {what}: {keys}.",
        "Name one of them.",
        code="which-source",
    )


def find_source(db: Engine, source: Source, *, add: bool) -> int | None:
    """Return the number of a source, None where it is to be added.

    Raises:
        StoreError: The index is of something else, and ``add`` does not allow more; or it has that
            source from other blocks or another chain of that id.
    """
    have = known_sources(db)
    for number, other in have:
        if other.key == source.key:
            require_same(db.name, other, source)
            return number
        if add and other.chain_id == source.chain_id:
            _require_same_chain(db.name, other, source)
    if have and not add:
        require_same(db.name, have[0][1], source)
    return None


def add_source(db: Engine, source: Source) -> int:
    """Add a source, which begins before its first block; return its number.

    Raises:
        StoreError: There are too many.
    """
    number = db.rows("SELECT coalesce(max(source), 0) + 1 FROM sources")[0][0]
    if number > MAX_SOURCES:
        raise StoreError(
            f"The index {db.name} has {MAX_SOURCES} sources, as many as it can hold.",
            "Use another database for more.",
            code="too-many-sources",
        )
    db.insert(
        "sources",
        [
            (
                number,
                source.chain_id,
                source.genesis_hash,
                address_bytes(source.escrow),
                None if source.notes is None else address_bytes(source.notes),
                source.from_block,
                source.from_block - 1,
                None,
                None,
                *(0, 0, 0, 0, 0),
            )
        ],
    )
    return int(number)


def require_same(name: str, have: Source, source: Source) -> None:
    """Do nothing if the two are the same.

    Raises:
        StoreError: They are not: ``other-chain``, ``chain-restarted`` or ``other-escrow``.
    """
    if have == source:
        return
    if have.chain_id != source.chain_id:
        raise _other(
            f"The index {name} is of chain {have.chain_id}, the node serves chain "
            f"{source.chain_id}.",
            "other-chain",
        )
    _require_same_chain(name, have, source)
    raise _other(
        f"The index {name} is of {_described(have)}, not of {_described(source)}.", "other-escrow"
    )


def _require_same_chain(name: str, have: Source, source: Source) -> None:
    if have.genesis_hash != source.genesis_hash:
        raise _other(
            f"The chain was restarted: its first block is not the one that {name} was made from.",
            "chain-restarted",
        )


def _other(sentence: str, code: str) -> StoreError:
    return StoreError(sentence, "Index again with --reset, or give another file.", code=code)


def _described(source: Source) -> str:
    notes = "without notes" if source.notes is None else f"with the notes {source.notes}"
    return f"the escrow {source.escrow} from block {source.from_block} on, {notes}"


def _names(source: Source) -> tuple[str, str]:
    return source.key.lower(), source.escrow.lower()
