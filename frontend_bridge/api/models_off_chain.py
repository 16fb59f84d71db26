"""What the API sends and takes of documents, files, comments, contacts and reports."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from frontend_bridge.api.bodies import AnyHash, Index
from frontend_bridge.api.models import Address, DealSummary, Hash, Number, Time
from milestone_escrow.offchain.comments import MAX_COMMENT
from milestone_escrow.offchain.contacts import MAX_EMAIL

__all__ = [
    "AgreementDocument",
    "Comment",
    "Contact",
    "DocumentCurrency",
    "DocumentMilestone",
    "DocumentRead",
    "DocumentStored",
    "File",
    "PutContact",
    "Reported",
    "TitledDeal",
    "WriteComment",
    "WriteReport",
]

Text = Annotated[
    str,
    Meta(
        max_length=MAX_COMMENT,
        description="Unicode in normal form C, without control or direction characters.",
    ),
]
Media = Annotated[str, Meta(description="What its author says that it is.")]


# --- Documents


class DocumentCurrency(Struct, frozen=True, kw_only=True):
    """What the raw units of the agreement are of."""

    symbol: str
    decimals: Number


class DocumentMilestone(Struct, frozen=True, kw_only=True):
    """What a milestone is about."""

    title: str
    scope: str
    deliverable: str


class AgreementDocument(Struct, frozen=True, kw_only=True):
    """The words of an agreement. Its hash is keccak256 of its RFC 8785 (JCS) form."""

    schema: Literal["milestone-escrow/agreement-document/1"]
    title: str
    scope: str
    terms: str
    currency: DocumentCurrency
    milestones: Annotated[list[DocumentMilestone], Meta(min_length=1, max_length=10)]
    nonce: Hash


class DocumentStored(Struct, frozen=True, kw_only=True):
    """A document that is kept; ``hash`` is the agreement's ``document``."""

    hash: Hash
    size: Number


class DocumentRead(Struct, frozen=True, kw_only=True):
    """A document: compute its hash before you believe it."""

    hash: Hash
    document: AgreementDocument


class TitledDeal(Struct, frozen=True, kw_only=True):
    """A deal, and the title of its document."""

    title: str
    deal: DealSummary


# --- Files


class File(Struct, frozen=True, kw_only=True):
    """A file of a deal; ``hash`` is keccak256 of its bytes, as evidence on record."""

    deal_id: Hash
    hash: Hash
    author: Address
    media: Media
    size: Number
    created: Time


# --- Comments


class WriteComment(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A comment on a deal, or on one of its milestones."""

    text: Text
    milestone: Index | UnsetType = UNSET


class Comment(Struct, frozen=True, kw_only=True):
    """A comment.

    ``hash`` is keccak256 of the RFC 8785 (JCS) form of ``schema``, ``deal_id``, ``number``,
    ``previous``, ``author``, ``milestone``, ``text``, ``created`` (unix seconds) and ``nonce``.
    ``previous`` is the hash of the comment before it: on record, one hash fixes all up to it.
    """

    schema: Literal["milestone-escrow/comment/1"]
    deal_id: Hash
    number: Number
    previous: Hash
    author: Address
    milestone: Index | None
    text: str
    created: Time
    nonce: Hash
    hash: Hash


# --- Contacts and reports


class PutContact(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the account wants to be written to."""

    email: Annotated[str, Meta(max_length=MAX_EMAIL)]


class Contact(Struct, frozen=True, kw_only=True):
    """Where an account wants to be written to; nobody checked that the mail arrives."""

    address: Address
    email: str
    updated: Time


class WriteReport(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that whoever runs the bridge should know of an account or a deal."""

    text: Text
    address: Address | UnsetType = UNSET
    deal_id: AnyHash | UnsetType = UNSET


class Reported(Struct, frozen=True, kw_only=True):
    """When a report was kept; it has no power over any deal."""

    created: Time
