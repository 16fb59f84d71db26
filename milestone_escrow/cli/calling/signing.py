"""A message from its words to its signature: shown, agreed to, signed, checked, written."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from milestone_escrow.cli.calling.files import write_new
from milestone_escrow.cli.calling.places import Place
from milestone_escrow.cli.calling.senders import Sender
from milestone_escrow.cli.calling.sending import ask
from milestone_escrow.cli.output import Screen
from milestone_escrow.cli.terms import show_milestones, terms
from milestone_escrow.exceptions import SignatureError

if TYPE_CHECKING:
    from milestone_escrow.agreement import Agreement
    from milestone_escrow.document import AgreementDocument

__all__ = ["Signing", "sign"]


@dataclass(frozen=True, slots=True)
class Signing:
    """A message about to be signed.

    Attributes:
        kind: Its EIP-712 type.
        data: The typed data.
        signers: Who may sign it, by role.
        facts: What it says, in words.
        next: What comes next.
        terms: The agreement that it binds to, and its document, if it does.
    """

    kind: str
    data: dict[str, Any]
    signers: dict[str, str]
    facts: list[tuple[str, str]]
    next: str
    terms: tuple[Agreement, AgreementDocument] | None = None


def sign(
    signing: Signing,
    place: Place,
    sender: Sender,
    screen: Screen,
    *,
    yes: bool,
    out: Path | None,
) -> None:
    """Show, ask, sign, check and write.

    Raises:
        SignatureError: the signer is not one who may sign (``wrong-signer``).
    """
    from eth_account.messages import encode_typed_data
    from eth_utils.crypto import keccak

    from milestone_escrow.typed_data import recover

    signer = sender.signer(place.client.w3, place.roles)
    if signer.address not in signing.signers.values():
        who = " or ".join(f"the {role}, {address}" for role, address in signing.signers.items())
        raise SignatureError(
            f"This {signing.kind} cannot be signed by {place.who(signer.address)}.",
            f"It is signed by {who}.",
            code="wrong-signer",
        )
    encoded = encode_typed_data(full_message=signing.data)
    digest = keccak(b"\x19" + encoded.version + encoded.header + encoded.body)
    if not screen.json:
        if signing.terms is not None:
            _show_terms(*signing.terms, place, screen)
        screen.facts([("signs", signing.kind), *signing.facts])
    if not yes:
        ask(f"Sign this {signing.kind} as {place.who(signer.address)}?")
    signature = signer.sign_typed_data(signing.data)
    if recover(digest, signature) != signer.address:
        raise SignatureError(
            "The signature is not the signer's over this message.",
            "Check the node or the keyfile that signed it.",
            code="wrong-signer",
        )
    shape = {
        "kind": signing.kind,
        "signer": signer.address,
        "digest": "0x" + digest.hex(),
        "signature": "0x" + signature.hex(),
        "typed_data": signing.data,
    }
    if out is not None:
        write_new(out, shape, replace=False)
    if screen.json:
        screen.emit(shape)
        return
    screen.facts(
        [
            ("signer", place.who(signer.address)),
            ("digest", str(shape["digest"])),
            ("signature", str(shape["signature"])),
            *([("file", str(out))] if out is not None else []),
        ]
    )
    screen.next_step(signing.next)


def _show_terms(
    agreement: Agreement, document: AgreementDocument, place: Place, screen: Screen
) -> None:
    show = place.token(agreement.token).show
    screen.facts(terms(agreement, show, place.now))
    screen.heading(document.title)
    if document.scope != document.title:
        screen.line(document.scope)
    if document.terms:
        screen.line(document.terms)
    screen.line()
    show_milestones(screen, agreement, show, document)
    screen.line()
