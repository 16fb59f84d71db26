"""What the API sends and takes of signing in."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from frontend_bridge.api.models import Address, Number, Time

__all__ = ["AskMessage", "Message", "Session", "SignIn", "SignedIn"]

Token = Annotated[str, Meta(pattern="^[A-Za-z0-9_-]{43}$", description="Secret: 32 bytes.")]


class AskMessage(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who wants to sign in."""

    address: Address


class Message(Struct, frozen=True, kw_only=True):
    """The text to be signed as it is (EIP-4361, ``personal_sign``), until it expires."""

    message: str
    nonce: str
    expires: Time


class SignIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The text, and the wallet's signature over it."""

    message: Annotated[str, Meta(max_length=2_048)]
    signature: Annotated[str, Meta(pattern="^0x([0-9a-fA-F]{2})*$", max_length=2_050)]


class Session(Struct, frozen=True, kw_only=True):
    """Who is signed in, on which chain, until when."""

    address: Address
    chain_id: Number
    expires: Time


class SignedIn(Struct, frozen=True, kw_only=True):
    """A session, and its token: for ``Authorization: Bearer``, where no cookie is wanted."""

    session: Session
    token: Token
