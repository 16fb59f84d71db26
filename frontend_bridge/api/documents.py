"""Agreement documents, for their authors and for whom a deal shows them to."""

from __future__ import annotations

import msgspec

from frontend_bridge.api import models, models_off_chain
from frontend_bridge.api.asked import Asked
from frontend_bridge.api.rights import charge, may_read, nothing_here
from milestone_escrow.document import AgreementDocument
from milestone_escrow.offchain import documents

__all__ = ["put", "read"]


def put(asked: Asked, *, media: str, body: bytes) -> models.Answer[models_off_chain.DocumentStored]:
    """Keep a document."""
    document = AgreementDocument.from_bytes(body)
    size = len(document.canonical_bytes())
    charge(asked, size)
    document_hash = documents.put(asked.db, document, asked.who, asked.now)
    return models.Answer(
        data=models_off_chain.DocumentStored(hash="0x" + document_hash.hex(), size=size),
        block=asked.view.shapes.block(),
    )


def read(
    asked: Asked, *, content_hash: bytes, deal_id: bytes | None
) -> models.Answer[models_off_chain.DocumentRead]:
    """Return a document."""
    found = documents.get(asked.db, content_hash)
    if found is None or not may_read(asked, content_hash, deal_id):
        raise nothing_here("document")
    return models.Answer(
        data=models_off_chain.DocumentRead(
            hash="0x" + content_hash.hex(),
            document=msgspec.convert(found.to_json(), models_off_chain.AgreementDocument),
        ),
        block=asked.view.shapes.block(),
    )
