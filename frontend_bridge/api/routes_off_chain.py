"""The routes of what is kept beside the chain."""

from __future__ import annotations

from typing import Final

from frontend_bridge.api import models, models_sign_in, signing_in
from frontend_bridge.api.route import Route

__all__ = ["OFF_CHAIN_ROUTES"]

_SIGN_IN_WEIGHT: Final = 25  # requests: each writes, and a node may be asked

OFF_CHAIN_ROUTES: Final = (
    Route(
        "/v1/sign-in/message",
        "askSignInMessage",
        "The text that a wallet signs to sign in",
        models.Answer[models_sign_in.Message],
        kind="visit",
        handler=signing_in.message,
        body=models_sign_in.AskMessage,
        weight=_SIGN_IN_WEIGHT,
    ),
    Route(
        "/v1/sign-in",
        "signIn",
        "Sign in by the signature of such a text: a session of an hour, as cookie and as token",
        models.Answer[models_sign_in.SignedIn],
        kind="visit",
        handler=signing_in.begin,
        body=models_sign_in.SignIn,
        weight=_SIGN_IN_WEIGHT,
    ),
    Route(
        "/v1/session",
        "getSession",
        "Who is signed in",
        models.Answer[models_sign_in.Session],
        kind="private",
        handler=signing_in.session,
    ),
    Route(
        "/v1/session",
        "signOut",
        "Sign out",
        models.Answer[models_sign_in.Session],
        kind="write",
        handler=signing_in.end,
        verb="DELETE",
    ),
)
