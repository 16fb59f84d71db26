"""Signing in with a wallet (EIP-4361), and out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from frontend_bridge.api import models, models_sign_in
from frontend_bridge.api.asked import Asked, Reply, Visit
from frontend_bridge.api.credentials import (
    check_origin,
    expired_cookie,
    not_signed_in,
    place_of,
    places,
    session_cookie,
    token_text,
)
from frontend_bridge.api.given import address_of
from frontend_bridge.api.node import NodeWork
from frontend_bridge.api.problems import Refused
from frontend_bridge.api.shapes import time_of
from milestone_escrow.exceptions import SignatureError
from milestone_escrow.offchain import sessions, sign_in
from milestone_escrow.offchain.sign_in import Wanted

if TYPE_CHECKING:
    from milestone_escrow.client import EscrowClient

__all__ = ["begin", "end", "message", "session"]


def message(
    asked: Visit, *, body: models_sign_in.AskMessage
) -> models.Answer[models_sign_in.Message]:
    """Return what is to be signed."""
    check_origin(asked.settings, asked.headers, must=False)
    address = address_of(body.address, "address")
    chain_id, now = asked.view.source.chain_id, asked.now
    with asked.store.writing() as db:
        nonce = sign_in.issue(db, address, chain_id, now)
    place = place_of(asked.settings, asked.headers)
    return models.Answer(
        data=models_sign_in.Message(
            message=sign_in.message(place, address, chain_id, nonce, now),
            nonce=nonce,
            expires=time_of(now + sign_in.MESSAGE_LIFE),
        ),
        block=asked.view.shapes.block(),
    )


def begin(asked: Visit, *, body: models_sign_in.SignIn) -> Reply | NodeWork:
    """Begin a session: by the key's signature, else by that of the account's code."""
    check_origin(asked.settings, asked.headers, must=False)
    source, signature = asked.view.source, bytes.fromhex(body.signature[2:])
    try:
        wanted = sign_in.check(
            body.message, places(asked.settings), source.chain_id, asked.store.clock()
        )
    except SignatureError as error:
        raise Refused(401, error.sentence, error.remedy, error.code) from error
    if sign_in.signed_by_key(wanted, signature):
        return _begun(asked, wanted)

    def ask(client: EscrowClient) -> Reply:
        from milestone_escrow.offchain.contract_accounts import signed_by_contract

        if not signed_by_contract(client.w3, wanted.address, wanted.digest, signature):
            raise Refused(
                401,
                "The signature is not this account's.",
                "Sign the message as it is, with the account that it names.",
                "wrong-signature",
            )
        return _begun(asked, wanted)

    return NodeWork(source, ask)


def _begun(asked: Visit, wanted: Wanted) -> Reply:
    chain_id, now = asked.view.source.chain_id, asked.now
    with asked.store.writing() as db:
        if not sign_in.consume(db, wanted, chain_id, now):
            raise Refused(
                401,
                "The message was used before, is too old, or is none of this bridge's.",
                "Ask for a new message, and sign it as it is.",
                "sign-in-nonce",
            )
        token = sessions.begin(db, wanted.address, chain_id, now)
    found = sessions.Session(wanted.address, chain_id, now + sessions.LIFE)
    return Reply(
        models.Answer(
            data=models_sign_in.SignedIn(session=_shown(found), token=token_text(token)),
            block=asked.view.shapes.block(),
        ),
        (session_cookie(asked.settings, token),),
    )


def session(asked: Asked) -> models.Answer[models_sign_in.Session]:
    """Return who is signed in."""
    return models.Answer(data=_shown(asked.session), block=asked.view.shapes.block())


def end(asked: Asked) -> Reply:
    """End the session that asks."""
    if asked.token is None:  # a session has one
        raise not_signed_in()
    sessions.end(asked.db, asked.token)
    answer = models.Answer(data=_shown(asked.session), block=asked.view.shapes.block())
    return Reply(answer, (expired_cookie(asked.settings),))


def _shown(found: sessions.Session) -> models_sign_in.Session:
    return models_sign_in.Session(
        address=found.address, chain_id=found.chain_id, expires=time_of(found.expires)
    )
