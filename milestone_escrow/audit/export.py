"""Exporting a table of the index as a file, with a second file that says what it is of."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from hashlib import file_digest
from pathlib import Path

from milestone_escrow.audit.formats import write
from milestone_escrow.audit.tables import TABLES, Scope
from milestone_escrow.audit.whole_files import refuse_existing, whole_file

__all__ = ["Manifest", "export", "manifest_path"]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an exported file is of.

    Attributes:
        file: Its name.
        sha256: Of its bytes.
        bytes: How many.
        rows: How many, without a heading.
        format: One of ``formats.FORMATS``.
        what: One of ``tables.TABLES``.
        chain_id: Of the chain.
        escrow: The contract.
        from_block: The first block of the index.
        to_block: The block at whose end all of it was so.
        block_hash: That block's, 0x-hex; None where it is not known.
        deal: Only this deal, 0x-hex; None: all.
        party: Only this party's deals; None: everybody's.
        columns: Their names.
    """

    file: str
    sha256: str
    bytes: int
    rows: int
    format: str
    what: str
    chain_id: int
    escrow: str
    from_block: int
    to_block: int
    block_hash: str | None
    deal: str | None
    party: str | None
    columns: list[str]


def manifest_path(path: Path) -> Path:
    """Return where the manifest of an exported file is: beside it."""
    return path.with_name(path.name + ".manifest.json")


def export(
    scope: Scope,
    path: Path,
    *,
    what: str,
    form: str,
    block_hash: bytes | None = None,
    force: bool = False,
) -> Manifest:
    """Write a table to a file, and its manifest beside it; both whole or not at all.

    Args:
        scope: What of which index.
        path: The file.
        what: One of ``tables.TABLES``.
        form: One of ``formats.FORMATS``.
        block_hash: Of ``scope.block``, where it is known.
        force: Replace files that are there.

    Raises:
        UsageError: The file is there (``file-exists``), or what the format needs is not installed.
        StoreError: The index cannot be read; nothing was written.
        OSError: The file cannot be written; none was.
    """
    beside = manifest_path(path)
    if not force:
        refuse_existing(path)
        refuse_existing(beside)
    table = TABLES[what]
    # The manifest's file is made first: where there is no room for both, there is neither.
    with whole_file(beside) as second, whole_file(path) as first:
        rows = write(form, first, table.columns, table.rows(scope), title=what, time=scope.now)
        with first.open("rb") as file:
            digest = file_digest(file, "sha256").hexdigest()
        identity = scope.reader.identity
        manifest = Manifest(
            file=path.name,
            sha256=digest,
            bytes=first.stat().st_size,
            rows=rows,
            format=form,
            what=what,
            chain_id=identity.chain_id,
            escrow=identity.escrow,
            from_block=identity.from_block,
            to_block=scope.block,
            block_hash=None if block_hash is None else "0x" + block_hash.hex(),
            deal=None if scope.deal is None else "0x" + scope.deal.hex(),
            party=scope.party,
            columns=[column.name for column in table.columns],
        )
        second.write_text(json.dumps(asdict(manifest), indent=2) + "\n", encoding="utf-8")
    return manifest
