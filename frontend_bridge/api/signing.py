"""Messages for wallets to sign: EIP-712, with the digest and who may sign; none is signed here."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from eth_account.messages import encode_typed_data
from eth_utils.crypto import keccak

from frontend_bridge.api import models, models_prepare
from frontend_bridge.api.given import Subject, domain_of, subject_of, value_of
from frontend_bridge.api.node import NodeWork
from frontend_bridge.api.problems import Refused
from frontend_bridge.api.view import View
from milestone_escrow.abi_values import ZERO_ADDRESS
from milestone_escrow.agreement import Agreement
from milestone_escrow.call_facts import MESSAGE_FACTS
from milestone_escrow.calls import fund
from milestone_escrow.deal_state import Deal
from milestone_escrow.exceptions import UsageError
from milestone_escrow.messages import Amendment, Message, Settlement, Voucher
from milestone_escrow.permits import permit_data
from milestone_escrow.typed_data import digest, typed_data

if TYPE_CHECKING:
    from milestone_escrow.client import EscrowClient

__all__ = ["handler"]

Answer = models.Answer[models_prepare.TypedData]


def handler(kind: str) -> Callable[..., Answer | NodeWork]:
    """Return the handler that makes a message."""

    def make(view: View, *, body: Any) -> Answer | NodeWork:
        subject = subject_of(view, body)
        signers = _signers(kind, subject.agreement)
        # Of an agreement that anyone can make up, nobody is asked for the token.
        token_of = _unknown if subject.deal is None else view.shapes.token_of
        values = {
            field: value_of(body, field, subject.agreement.token, token_of)
            for field in body.__struct_fields__
            if field not in ("deal_id", "agreement", "units")
        }
        if kind == "permit":
            block = view.shapes.block()
            return NodeWork(
                view.source, lambda client: _permit(client, subject, signers, values, block)
            )
        message = _message(view, kind, subject, values)
        domain = domain_of(view)
        data, hashed = typed_data(message, domain), digest(message, domain)
        return _answer(kind, subject, data, hashed, signers, view.shapes.block())

    return make


def _unknown(_: str) -> None:
    return None


def _message(view: View, kind: str, subject: Subject, values: dict[str, Any]) -> Message:
    """Return what is signed.

    Raises:
        AgreementError: The contract would not open a deal on the agreement.
        UnknownDeal: What the deal holds is signed, and the index does not know of it.
        UsageError: The deal has no such milestone.
    """
    now, escrow, terms = view.shapes.now, view.source.escrow, subject.agreement
    if kind == "agreement":
        terms.require_valid(now, escrow, supersedes=terms.supersedes)
        return terms
    if kind == "amendment":
        new: Agreement = values["new"]
        new.require_valid(now, escrow, supersedes=subject.deal_id)
        indexes = _indexes(new, values["indexes"])
        moved = subject.known.remaining
        return Amendment(subject.deal_id, new, indexes, moved, values["expiry"])
    if kind == "voucher":
        (index,) = _indexes(terms, [values["index"]])
        return Voucher(subject.deal_id, index, values["paid_total"], values["expiry"])
    indexes = _indexes(terms, values["indexes"])
    remaining = _held(subject.known, indexes)
    amounts = tuple(values["freelancer_amounts"])
    return Settlement(subject.deal_id, indexes, amounts, remaining, values["expiry"])


def _held(deal: Deal, indexes: tuple[int, ...]) -> int:
    return sum(deal.milestones[index].remaining for index in indexes)


def _indexes(terms: Agreement, given: list[int]) -> tuple[int, ...]:
    count = len(terms.milestones)
    wrong = next((index for index in given if index >= count), None)
    if wrong is not None:
        raise UsageError(
            f"The agreement has no milestone {wrong}.",
            f"Give indexes from 0 to {count - 1}.",
            code="bad-index",
        )
    return tuple(given)


def _signers(kind: str, terms: Agreement) -> list[models_prepare.Signer]:
    found = [
        models_prepare.Signer(role=role, address=getattr(terms, role))
        for role in MESSAGE_FACTS[kind].signers
        if getattr(terms, role) != ZERO_ADDRESS
    ]
    if not found:
        raise Refused(
            422,
            "The agreement names nobody who could sign this.",
            "Name the freelancer in the agreement first.",
            "no-signer",
        )
    return found


def _permit(
    client: EscrowClient,
    subject: Subject,
    signers: list[models_prepare.Signer],
    values: dict[str, Any],
    block: models.Block,
) -> Answer:
    terms = subject.agreement
    needed = fund(terms, values["indexes"]).allowance
    if needed is None:
        raise Refused(422, "The native coin takes no permit.", "Prepare fund instead.", "no-permit")
    data = permit_data(
        client.w3,
        client.chain_id,
        needed.token,
        terms.employer,
        client.address,
        needed.amount,
        values["deadline"],
    )
    signable = encode_typed_data(full_message=data)
    hashed = keccak(b"\x19" + signable.version + signable.header + signable.body)
    return _answer("permit", subject, data, hashed, signers, block)


def _answer(
    kind: str,
    subject: Subject,
    data: dict[str, Any],
    hashed: bytes,
    signers: list[models_prepare.Signer],
    block: models.Block,
) -> Answer:
    facts = MESSAGE_FACTS[kind]
    return models.Answer(
        data=models_prepare.TypedData(
            kind=cast("models_prepare.Message", kind),
            deal_id="0x" + subject.deal_id.hex(),
            typed_data=data,
            digest="0x" + hashed.hex(),
            signers=signers,
            sentence=facts.does,
            final=facts.final,
            call=facts.call,
        ),
        block=block,
    )
