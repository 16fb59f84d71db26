"""Sign-In with Ethereum (EIP-4361): the message that a wallet signs, and what is checked of it.

A message is for one place (domain and URI) and one chain; its nonce is given out for one address,
lives five minutes and begins one session. Parsing is the library ``siwe``'s: by its regular
expression, which takes microseconds where its ABNF takes a second for two kilobytes, and strictly,
since a message must also be exactly what ``siwe`` writes of the parts that it found.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, NoReturn
from urllib.parse import urlsplit

from eth_account.messages import encode_defunct
from eth_utils.crypto import keccak
from sqlalchemy import delete, insert
from sqlalchemy.engine import Connection

from milestone_escrow.exceptions import SignatureError
from milestone_escrow.indexer.rows import address_bytes
from milestone_escrow.offchain.tables import nonces
from milestone_escrow.typed_data import recover

if TYPE_CHECKING:
    from siwe import SiweMessage

__all__ = [
    "MAX_MESSAGE",
    "MESSAGE_LIFE",
    "SKEW",
    "STATEMENT",
    "Place",
    "Wanted",
    "check",
    "consume",
    "digest_of",
    "issue",
    "message",
    "signed_by_key",
]

MESSAGE_LIFE: Final = 300
"""Seconds for signing."""

SKEW: Final = 5
"""Seconds by which the clocks of machines that answer together may differ."""

MAX_MESSAGE: Final = 2_048
"""Characters; one of ours has fewer than 500."""

STATEMENT: Final = "Sign in to the escrow bridge. This moves no money and agrees to nothing."

_NONCE_BYTES: Final = 16
# What the grammar takes and the library's regular expression does not hold to.
_TEXT: Final = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;= ]*")
_TIME: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})"
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where one signs in.

    Attributes:
        origin: Scheme, host and port, such as ``https://app.example.org``.
    """

    origin: str

    @property
    def domain(self) -> str:
        """Host and port, as wallets compare them with the page that asks."""
        return urlsplit(self.origin).netloc


@dataclass(frozen=True, slots=True)
class Wanted:
    """A message that passed every check but that of its signature.

    Attributes:
        address: Who wants to sign in, checksummed.
        nonce: Of the message.
        digest: What the signature is over, 32 bytes.
    """

    address: str
    nonce: str
    digest: bytes


def issue(db: Connection, address: str, chain_id: int, now: int) -> str:
    """Return a new nonce of 128 random bits for an address; those that are over go."""
    db.execute(delete(nonces).where(nonces.c.expires <= now))
    nonce = secrets.token_hex(_NONCE_BYTES)
    db.execute(
        insert(nonces).values(
            nonce=nonce,
            address=address_bytes(address),
            chain_id=chain_id,
            expires=now + MESSAGE_LIFE,
        )
    )
    return nonce


def consume(db: Connection, wanted: Wanted, chain_id: int, now: int) -> bool:
    """Use up a message's nonce; False: it was used, is over, or was never given for that."""
    # One statement: of many that race exactly one removes the row.
    done = db.execute(
        delete(nonces).where(
            nonces.c.nonce == wanted.nonce,
            nonces.c.address == address_bytes(wanted.address),
            nonces.c.chain_id == chain_id,
            nonces.c.expires > now,
        )
    )
    return done.rowcount == 1


def message(place: Place, address: str, chain_id: int, nonce: str, now: int) -> str:
    """Return the text to be signed."""
    return "\n".join(
        (
            f"{place.domain} wants you to sign in with your Ethereum account:",
            address,
            "",
            STATEMENT,
            "",
            f"URI: {place.origin}",
            "Version: 1",
            f"Chain ID: {chain_id}",
            f"Nonce: {nonce}",
            f"Issued At: {_iso(now)}",
            f"Expiration Time: {_iso(now + MESSAGE_LIFE)}",
        )
    )


def check(text: str, places: Sequence[Place], chain_id: int, now: float) -> Wanted:
    """Return what a message wants, its signature and its nonce not being looked at yet.

    Args:
        text: The message as it was signed.
        places: Where one may sign in.
        chain_id: The one chain.
        now: Unix seconds.

    Raises:
        SignatureError: It is no message of EIP-4361 (``sign-in-malformed``), for another place
            (``sign-in-place``) or chain (``sign-in-chain``), or not for now (``sign-in-time``).
    """
    found = _parsed(text)
    if (found.scheme, found.domain, found.uri) not in _written(places):
        _refuse("The message is for another place than this bridge.", "place")
    if found.chain_id != chain_id:
        _refuse(f"The message is for another chain than {chain_id}.", "chain")
    issued = _unix(found.issued_at)
    if issued > now + SKEW:
        _refuse("The message is from the future.", "time")
    if issued <= now - MESSAGE_LIFE:
        _refuse("The message is too old.", "time")
    if found.expiration_time is not None and _unix(found.expiration_time) <= now:
        _refuse("The message has expired.", "time")
    if found.not_before is not None and _unix(found.not_before) > now:
        _refuse("The message does not hold yet.", "time")
    return Wanted(found.address, found.nonce, digest_of(text))


def digest_of(text: str) -> bytes:
    """Return what a wallet signs of a text (EIP-191), 32 bytes."""
    version, header, body = encode_defunct(text=text)
    return keccak(b"\x19" + version + header + body)


def signed_by_key(wanted: Wanted, signature: bytes) -> bool:
    """Return whether the address's own key made a signature; malleable ones do not count."""
    try:
        return recover(wanted.digest, signature) == wanted.address
    except SignatureError:
        return False


def _parsed(text: str) -> SiweMessage:
    from pydantic import ValidationError
    from siwe import SiweMessage

    try:
        if len(text) > MAX_MESSAGE:
            raise ValueError
        found = SiweMessage.from_message(text, abnf=False)
    except (ValueError, ValidationError):
        _refuse("This is no message of EIP-4361.", "malformed")
    # A resource would be something more that the wallet's owner signed.
    if found.prepare_message() != text or found.resources is not None:
        _refuse("This is no sign-in message of this bridge.", "malformed")
    if _TEXT.fullmatch(found.statement or "") is None:
        _refuse("The message's statement has characters that it must not have.", "malformed")
    return found


def _written(places: Sequence[Place]) -> set[tuple[str | None, str, str]]:
    """Return the ways in which a message may name the places: the scheme is optional."""
    found: set[tuple[str | None, str, str]] = set()
    for place in places:
        for scheme in (None, urlsplit(place.origin).scheme):
            found |= {(scheme, place.domain, uri) for uri in (place.origin, place.origin + "/")}
    return found


def _unix(text: str) -> float:
    if _TIME.fullmatch(text) is None:
        _refuse("A time of the message is not as RFC 3339 has it.", "malformed")
    return datetime.fromisoformat(text).timestamp()


def _iso(unix: int) -> str:
    return datetime.fromtimestamp(unix, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _refuse(sentence: str, what: str) -> NoReturn:
    raise SignatureError(
        sentence, "Ask for a new message, and sign it as it is.", code=f"sign-in-{what}"
    )
