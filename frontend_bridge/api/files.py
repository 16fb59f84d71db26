"""Files of deals, for the deals' parties and arbiters."""

from __future__ import annotations

from frontend_bridge.api import models, models_off_chain
from frontend_bridge.api.asked import Asked, Download, page_of
from frontend_bridge.api.cursors import number_in
from frontend_bridge.api.problems import Refused
from frontend_bridge.api.rights import charge, deal_of_party, nothing_here
from frontend_bridge.api.shapes import time_of
from milestone_escrow.exceptions import UnknownDeal
from milestone_escrow.offchain import contents, files

__all__ = ["attach", "listed", "read"]


def attach(
    asked: Asked, *, deal_id: bytes, media: str, body: bytes
) -> models.Answer[models_off_chain.File]:
    """Attach a file to a deal."""
    deal_of_party(asked, deal_id)
    if not body:
        raise Refused(422, "The file is empty.", "Send its bytes as the body.", "empty-file")
    charge(asked, len(body))
    file = files.attach(asked.db, deal_id, body, media, asked.who, asked.now)
    return models.Answer(data=_shown(file), block=asked.view.shapes.block())


def listed(
    asked: Asked, *, deal_id: bytes, cursor: str | None, limit: int
) -> models.Page[models_off_chain.File]:
    """Return a page of a deal's files, the first one first."""
    deal_of_party(asked, deal_id)
    after = 0 if cursor is None else number_in(cursor)
    found = files.of_deal(asked.db, deal_id, after, limit + 1)
    return page_of(asked, found, limit, lambda some: [_shown(each) for each in some])


def read(asked: Asked, *, content_hash: bytes) -> Download:
    """Return a file's bytes."""
    for file in files.attached(asked.db, content_hash):
        try:
            deal_of_party(asked, file.deal_id)
        except (Refused, UnknownDeal):
            continue
        content = contents.get(asked.db, content_hash)
        assert content is not None  # a foreign key says so
        return Download(content, file.media, f"{content_hash.hex()}.{files.MEDIA[file.media]}")
    raise nothing_here("file")


def _shown(file: files.File) -> models_off_chain.File:
    return models_off_chain.File(
        deal_id="0x" + file.deal_id.hex(),
        hash="0x" + file.hash.hex(),
        author=file.author,
        media=file.media,
        size=file.size,
        created=time_of(file.created),
    )
