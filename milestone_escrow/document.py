"""The agreement document: the words of the agreement, bound by their hash.

Amounts, dates, roles and periods are in the ``Agreement`` itself and are not repeated here, so the
two cannot contradict each other. The document says what the work is, what each milestone delivers,
what else the parties agreed on, and which currency the raw units are of. As JSON (version 1)::

    {
      "schema": "milestone-escrow/agreement-document/1",
      "title": "Website for a bakery",
      "scope": "Five pages, responsive, in English and French ...",
      "terms": "Paid in the currency below. Two rounds of changes for each milestone ...",
      "currency": {"symbol": "ETH", "decimals": 18},
      "milestones": [
        {"title": "Design", "scope": "Research, two drafts ...", "deliverable": "A Figma file ..."}
      ],
      "nonce": "0x<64 lower-case hex digits>"
    }

Every key is present; ``terms`` and a milestone's ``scope`` may be empty. The ``nonce`` is random:
it makes two otherwise equal agreements two deals, and keeps short texts from being guessed from
their hash. The hash is keccak256 over the RFC 8785 (JCS) form of this object, so any JCS and
keccak256 implementation in any language finds the same one.

Text is Unicode in normal form C, with line feeds as line ends. Control characters, lone surrogates
and the invisible controls of writing direction, which can make a text look like another, are
refused. ``create`` normalises what a person typed; reading accepts only what is normal already,
because to change a text that others hashed would be to change its hash.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

import rfc8785
from eth_utils.crypto import keccak

from milestone_escrow.abi_values import ZERO_ADDRESS, to_bytes32
from milestone_escrow.agreement import MAX_MILESTONES, Agreement
from milestone_escrow.amounts import MAX_DECIMALS
from milestone_escrow.exceptions import DocumentError
from milestone_escrow.strict_json import StrictReader, join
from milestone_escrow.text import TextRules

__all__ = [
    "MAX_DOCUMENT_BYTES",
    "SCHEMA",
    "AgreementDocument",
    "Currency",
    "DocumentMilestone",
]

SCHEMA: Final = "milestone-escrow/agreement-document/1"
MAX_DOCUMENT_BYTES: Final = 262_144  # of the canonical form
_MAX_SYMBOL: Final = 32  # characters
_NATIVE_DECIMALS: Final = 18  # of the native coin of every EVM chain
_READER = StrictReader(DocumentError)
_TEXT = TextRules(_READER)


@dataclass(frozen=True, slots=True)
class Currency:
    """What the raw units of the agreement are of, as the parties read it.

    Attributes:
        symbol: Such as ``ETH`` or ``USDC``, one line of at most 32 characters.
        decimals: Digits behind the point, 0..77.
    """

    symbol: str
    decimals: int


@dataclass(frozen=True, slots=True)
class DocumentMilestone:
    """What one milestone is about; its amount and deadline are in the agreement.

    Attributes:
        title: One line of at most 200 characters.
        deliverable: What is handed over.
        scope: The tasks, and what is not among them; may be empty.
    """

    title: str
    deliverable: str
    scope: str = ""


@dataclass(frozen=True, slots=True)
class AgreementDocument:
    """The words of an agreement; see the module for its JSON.

    Attributes:
        title: One line.
        scope: What the whole work is.
        milestones: One for each milestone of the agreement, in its order.
        currency: What the amounts are of.
        nonce: 32 random bytes.
        terms: Whatever else the parties agreed on, such as rounds of changes or rights; may be
            empty.

    Raises:
        DocumentError: A value is not of its form, or the whole is more than 256 KiB.
    """

    title: str
    scope: str
    milestones: tuple[DocumentMilestone, ...]
    currency: Currency
    nonce: bytes
    terms: str = ""

    def __post_init__(self) -> None:
        """Check everything inside, so that every error has its path."""
        _TEXT.check_line(self.title, "title")
        _TEXT.check(self.scope, "scope")
        _TEXT.check(self.terms, "terms", may_be_empty=True)
        object.__setattr__(self, "nonce", to_bytes32(self.nonce, "nonce", DocumentError))
        _check_currency(self.currency)
        object.__setattr__(self, "milestones", tuple(self.milestones))
        if not 1 <= len(self.milestones) <= MAX_MILESTONES:
            _READER.refuse(
                "milestones",
                f"has {len(self.milestones)} milestones.",
                f"Describe 1 to {MAX_MILESTONES}, as many as the agreement has.",
            )
        for i, part in enumerate(self.milestones):
            path = f"milestones[{i}]"
            if not isinstance(part, DocumentMilestone):
                _READER.refuse(path, "is not a milestone.", "Give a DocumentMilestone.")
            _TEXT.check_line(part.title, join(path, "title"))
            _TEXT.check(part.deliverable, join(path, "deliverable"))
            _TEXT.check(part.scope, join(path, "scope"), may_be_empty=True)
        size = len(self.canonical_bytes())
        if size > MAX_DOCUMENT_BYTES:
            _READER.refuse(
                "",
                f"has {size} bytes, more than {MAX_DOCUMENT_BYTES}.",
                "Put long attachments elsewhere and name their hashes here.",
            )

    @classmethod
    def create(
        cls,
        *,
        title: str,
        scope: str,
        milestones: Sequence[DocumentMilestone],
        currency: Currency,
        terms: str = "",
        nonce: bytes | None = None,
    ) -> Self:
        """Return a document of texts as a person typed them.

        Texts are brought to normal form C, line ends to line feeds, and blanks around them go.

        Args:
            title: See the class, as for the others.
            scope: See the class.
            milestones: See the class.
            currency: See the class.
            terms: See the class.
            nonce: Drawn from the system's randomness by default.

        Raises:
            DocumentError: A value is not of its form.
        """
        return cls(
            title=_TEXT.typed(title, "title"),
            scope=_TEXT.typed(scope, "scope"),
            milestones=tuple(
                DocumentMilestone(
                    _TEXT.typed(part.title, f"milestones[{i}].title"),
                    _TEXT.typed(part.deliverable, f"milestones[{i}].deliverable"),
                    _TEXT.typed(part.scope, f"milestones[{i}].scope"),
                )
                for i, part in enumerate(milestones)
            ),
            currency=currency,
            nonce=secrets.token_bytes(32) if nonce is None else nonce,
            terms=_TEXT.typed(terms, "terms"),
        )

    def to_json(self) -> dict[str, Any]:
        """Return the JSON-able dict that is hashed."""
        return {
            "schema": SCHEMA,
            "title": self.title,
            "scope": self.scope,
            "terms": self.terms,
            "currency": {"symbol": self.currency.symbol, "decimals": self.currency.decimals},
            "milestones": [
                {"title": part.title, "scope": part.scope, "deliverable": part.deliverable}
                for part in self.milestones
            ],
            "nonce": "0x" + self.nonce.hex(),
        }

    @classmethod
    def from_json(cls, value: object) -> Self:
        """Return the document of a parsed JSON value: the inverse of ``to_json``.

        Raises:
            DocumentError: A key is unknown or missing, a value is of the wrong type, or a text is
                not in the normal form; ``field`` has the path.
        """
        keys = ("schema", "title", "scope", "terms", "currency", "milestones", "nonce")
        shape = _READER.members(value, keys)
        if shape["schema"] != SCHEMA:
            _READER.refuse(
                "schema",
                f"is not {SCHEMA!r}, which is all that this version reads.",
                "Update the library, or ask the sender for that version.",
            )
        currency: Any = _READER.members(shape["currency"], ("symbol", "decimals"), "currency")
        parts: list[Any] = [
            _READER.members(part, ("title", "scope", "deliverable"), f"milestones[{i}]")
            for i, part in enumerate(_READER.array(shape["milestones"], "milestones"))
        ]
        nonce = _READER.text(shape["nonce"], "nonce")
        if nonce != nonce.lower():
            _READER.refuse("nonce", "is not lower-case hex.", "Send the document as it was made.")
        # The constructor checks every text's type and form.
        texts: Any = shape
        return cls(
            title=texts["title"],
            scope=texts["scope"],
            milestones=tuple(DocumentMilestone(**part) for part in parts),
            currency=Currency(**currency),
            nonce=_READER.hex_bytes(nonce, "nonce"),
            terms=texts["terms"],
        )

    @classmethod
    def from_bytes(cls, data: bytes | str) -> Self:
        """Return the document of a JSON text, however it is laid out.

        Raises:
            DocumentError: As ``from_json``; also for text that is no JSON, for repeated keys and
                for numbers that are not integers.
        """
        return cls.from_json(_READER.parse(data))

    def canonical_bytes(self) -> bytes:
        """Return the RFC 8785 form of ``to_json()``: UTF-8, keys sorted, no blanks."""
        return rfc8785.dumps(self.to_json())

    def hash(self) -> bytes:
        """Return keccak256 of the canonical bytes: the agreement's ``document``, 32 bytes."""
        return keccak(self.canonical_bytes())

    def check_against(self, agreement: Agreement) -> None:
        """Do nothing if this is the document that an agreement binds.

        An ERC-20's decimals are on the chain: compare them with ``currency`` before you show
        amounts.

        Raises:
            DocumentError: Its hash is another, it describes another number of milestones, or it
                gives the native coin other decimals than 18.
        """
        if self.hash() != agreement.document:
            raise DocumentError(
                f"This document's hash is 0x{self.hash().hex()}; the agreement binds "
                f"0x{agreement.document.hex()}.",
                "Ask the other party for the document that belongs to this agreement.",
                code="document-hash",
            )
        if len(self.milestones) != len(agreement.milestones):
            raise DocumentError(
                f"The document describes {len(self.milestones)} milestones; "
                f"the agreement has {len(agreement.milestones)}.",
                "Do not sign: ask for an agreement and a document that fit each other.",
                code="document-milestones",
                field="milestones",
            )
        if agreement.token == ZERO_ADDRESS and self.currency.decimals != _NATIVE_DECIMALS:
            raise DocumentError(
                f"The document gives the native coin {self.currency.decimals} decimals; "
                f"it has {_NATIVE_DECIMALS}.",
                "Do not sign: its amounts would read as other sums than are paid.",
                code="document-currency",
                field="currency.decimals",
            )


def _check_currency(currency: object) -> None:
    if not isinstance(currency, Currency):
        _READER.refuse("currency", "is not a currency.", "Give a Currency.")
    _TEXT.check_line(currency.symbol, "currency.symbol", _MAX_SYMBOL)
    decimals = currency.decimals
    if (
        not isinstance(decimals, int)
        or isinstance(decimals, bool)
        or not 0 <= decimals <= MAX_DECIMALS
    ):
        _READER.refuse(
            "currency.decimals",
            f"is not an integer from 0 to {MAX_DECIMALS}.",
            "Ask the token for its decimals.",
        )
