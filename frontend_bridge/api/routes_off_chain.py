"""The routes of what is kept beside the chain."""

from __future__ import annotations

from typing import Final

from frontend_bridge.api import (
    comments,
    contacts,
    documents,
    files,
    models,
    models_off_chain,
    models_sign_in,
    params,
    signing_in,
)
from frontend_bridge.api.params import Param
from frontend_bridge.api.route import CURSOR, DEAL, Route, limit
from frontend_bridge.api.routes_jobs import JOB_ROUTES
from frontend_bridge.api.routes_webhooks import WEBHOOK_ROUTES
from milestone_escrow.document import MAX_DOCUMENT_BYTES
from milestone_escrow.offchain.comments import MAX_COMMENT
from milestone_escrow.offchain.files import MAX_FILE, MEDIA

__all__ = ["OFF_CHAIN_ROUTES"]

_SIGN_IN_WEIGHT: Final = 25  # requests: each writes, and a node may be asked

_HASH: Final = Param(
    "hash", params.content_hash, "keccak256 of its bytes.", "path", True, field="content_hash"
)
_LAID_OUT: Final = 2  # bytes sent for one of the canonical form: blanks, escapes
_ESCAPED: Final = 6  # bytes sent for one of a text in the longest way that JSON has

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
    Route(
        "/v1/documents",
        "putDocument",
        "Keep an agreement document, and tell its hash",
        models.Answer[models_off_chain.DocumentStored],
        kind="write",
        handler=documents.put,
        verb="PUT",
        raw=("application/json",),
        form=models_off_chain.AgreementDocument,
        most=_LAID_OUT * MAX_DOCUMENT_BYTES,
        shows=True,
    ),
    Route(
        "/v1/documents/{hash}",
        "getDocument",
        "An agreement document, for its author and for the parties of a deal that the author is in",
        models.Answer[models_off_chain.DocumentRead],
        kind="private",
        params=(
            _HASH,
            Param(
                "deal",
                params.deal_id,
                "A deal that shows it, if it is known; a payee gives it.",
                field="deal_id",
            ),
        ),
        handler=documents.read,
    ),
    Route(
        "/v1/deals/{id}/files",
        "listDealFiles",
        "Files of a deal, for its parties and its arbiter",
        models.Page[models_off_chain.File],
        kind="private",
        params=(DEAL, CURSOR, limit(50, 100)),
        handler=files.listed,
    ),
    Route(
        "/v1/deals/{id}/files",
        "attachFile",
        "Attach a file to a deal, such as evidence, and tell its hash",
        models.Answer[models_off_chain.File],
        kind="write",
        params=(DEAL,),
        handler=files.attach,
        raw=tuple(MEDIA),
        most=MAX_FILE,
    ),
    Route(
        "/v1/files/{hash}",
        "getFile",
        "A file's bytes, for the parties and the arbiter of a deal that it is attached to",
        None,
        kind="private",
        params=(_HASH,),
        handler=files.read,
        media="*/*",
    ),
    Route(
        "/v1/deals/{id}/comments",
        "listComments",
        "What the parties of a deal wrote, for them and their arbiter, the first one first",
        models.Page[models_off_chain.Comment],
        kind="private",
        params=(DEAL, CURSOR, limit(50, 100)),
        handler=comments.listed,
    ),
    Route(
        "/v1/deals/{id}/comments",
        "writeComment",
        "Write to the other parties of a deal, and tell the hash that can go on record",
        models.Answer[models_off_chain.Comment],
        kind="write",
        params=(DEAL,),
        handler=comments.write,
        body=models_off_chain.WriteComment,
        most=_ESCAPED * MAX_COMMENT + 1_024,
    ),
    Route(
        "/v1/contact",
        "getOwnContact",
        "Where the account wants to be written to",
        models.Answer[models_off_chain.Contact],
        kind="private",
        handler=contacts.own,
    ),
    Route(
        "/v1/contact",
        "putContact",
        "Say where to be written to, for those with whom the account entered a deal",
        models.Answer[models_off_chain.Contact],
        kind="write",
        handler=contacts.put,
        body=models_off_chain.PutContact,
        verb="PUT",
    ),
    Route(
        "/v1/contact",
        "deleteContact",
        "Forget where to be written to",
        models.Answer[models_off_chain.Contact],
        kind="write",
        handler=contacts.remove,
        verb="DELETE",
    ),
    Route(
        "/v1/contacts/{address}",
        "getContact",
        "Where somebody wants to be written to who entered a deal with the account",
        models.Answer[models_off_chain.Contact],
        kind="private",
        params=(Param("address", params.address, "Whose.", "path", True),),
        handler=contacts.read,
    ),
    Route(
        "/v1/reports",
        "report",
        "Tell whoever runs the bridge of an account or a deal; nothing follows by itself",
        models.Answer[models_off_chain.Reported],
        kind="write",
        handler=contacts.report,
        body=models_off_chain.WriteReport,
        most=_ESCAPED * MAX_COMMENT + 1_024,
    ),
    *JOB_ROUTES,
    *WEBHOOK_ROUTES,
)
