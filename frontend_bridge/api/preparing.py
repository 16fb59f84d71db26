"""Calls for wallets: made, tried on the node, told in words. Nothing is signed or sent here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from eth_abi.abi import decode
from eth_utils.abi import collapse_if_tuple

from frontend_bridge.api import models, models_prepare
from frontend_bridge.api.bodies import inputs_of
from frontend_bridge.api.given import Subject, sender_of, subject_of, value_of
from frontend_bridge.api.node import NodeWork
from frontend_bridge.api.problems import Refused
from frontend_bridge.api.shapes import Shapes, TokenOf, event_words
from frontend_bridge.api.view import View
from milestone_escrow import calls
from milestone_escrow.abi_values import ZERO_ADDRESS
from milestone_escrow.agreement import Agreement
from milestone_escrow.call_facts import CALL_FACTS
from milestone_escrow.calls import ERC20, NOTES, Call
from milestone_escrow.exceptions import NodeError, UsageError
from milestone_escrow.figures import ROLES
from milestone_escrow.holdings import held
from milestone_escrow.preview import preview

if TYPE_CHECKING:
    from milestone_escrow.client import EscrowClient, Receipt
    from milestone_escrow.events import EventRecord
    from milestone_escrow.notes import Note

__all__ = ["handler"]

_SMALL: Final = ("index", "indexes", "percent", "score", "v")
_BATCH_VERSION: Final = "2.0.0"


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is to be prepared.

    Attributes:
        shapes: What amounts are told with.
        name: Of the call.
        subject: What it is about; None: no deal.
        sender: Who will send it.
        values: Its arguments, in the ABI's order, without the deal's agreement.
        block: At whose end the index was read.
    """

    shapes: Shapes
    name: str
    subject: Subject | None
    sender: str
    values: dict[str, Any]
    block: models.Block


def handler(name: str) -> Callable[..., NodeWork]:
    """Return the handler that prepares a call."""

    def prepare(view: View, *, body: Any) -> NodeWork:
        if CALL_FACTS[name].contract == NOTES and view.source.notes is None:
            raise Refused(
                404,
                "This bridge knows of no notes beside the escrow.",
                "Ask a bridge whose index follows the notes, too.",
                "no-notes",
            )
        subject = subject_of(view, body) if hasattr(body, "deal_id") else None
        sender, block, shapes = sender_of(body), view.shapes.block(), view.shapes

        def work(client: EscrowClient) -> models.Answer[models_prepare.Prepared]:
            # Anyone can name any address as a token: what is asked of it is not remembered.
            token_of = _tokens(client)
            token = body.token if subject is None else subject.agreement.token
            values = {
                field: value_of(body, field, token, token_of)
                for field in body.__struct_fields__
                if field not in ("sender", "deal_id", "agreement", "units")
            }
            here = replace(shapes, token_of=token_of)
            return _prepared(client, _Asked(here, name, subject, sender, values, block))

        return NodeWork(view.source, work)

    return prepare


# --- With the node


def _tokens(client: EscrowClient) -> TokenOf:
    """Return what tells of tokens, each being asked once."""
    from milestone_escrow.tokens import Token, read_token

    @cache
    def token_of(address: str) -> Token | None:
        try:
            return read_token(client.w3, address)
        except UsageError:
            return None

    return token_of


def _prepared(client: EscrowClient, asked: _Asked) -> models.Answer[models_prepare.Prepared]:
    call = _call(client, asked)
    try:
        if call.sender != asked.sender:
            _refuse_other(client, replace(call, sender=asked.sender, allowance=None))
        approvals = _approvals(client, call)
        gas, receipts = _tried(client, approvals, call)
    except NodeError as error:
        if error.code != "node-refused":
            raise
        raise Refused(
            409,
            "The node refuses the call without a reason of the contract's.",
            "Check the values, and that the sender can pay for them.",
            "node-refused",
        ) from error
    shown = [_shown(client, asked, "approve", each, client.simulate(each)) for each in approvals]
    main = _shown(client, asked, asked.name, call, gas)
    sent = [each.transaction for each in (*shown, main)]
    subject = asked.subject
    return models.Answer(
        data=models_prepare.Prepared(
            deal_id=None if subject is None else "0x" + subject.deal_id.hex(),
            prepared=main,
            approvals=shown,
            simulation=None
            if approvals and receipts is None
            else models_prepare.Simulation(
                ok=True, events=None if receipts is None else _foreseen(receipts[-1])
            ),
            batch=models_prepare.Batch(
                version=_BATCH_VERSION,
                sender=asked.sender,
                chain_id=hex(client.chain_id),
                atomic_required=False,
                calls=[
                    models_prepare.BatchCall(to=each.to, data=each.data, value=each.value)
                    for each in sent
                ],
            ),
        ),
        block=asked.block,
    )


def _call(client: EscrowClient, asked: _Asked) -> Call:
    """Return the call; its sender is who must send it, or where several may, who will."""
    name, values, subject = asked.name, asked.values, asked.subject
    facts = CALL_FACTS[name]
    if name == "approve":
        return calls.approve(values["token"], asked.sender, client.address, values["amount"])
    if subject is None:
        data = calls.encode_call(name, *values.values())
        return Call(name, asked.sender, data)
    terms = subject.agreement
    if name == "fund":
        return calls.fund(terms, values["indexes"], values["signature"])
    if name == "amend":
        moved = held(client, terms)
        new, indexes = values["new"], values["indexes"]
        return calls.amend(terms, new, indexes, moved, values["expiry"], values["signature"])
    data = calls.encode_call(
        facts.function, terms.as_tuple(), *values.values(), contract=facts.contract
    )
    # "employer" and the like; where there are several words, several may.
    sender = getattr(terms, facts.who) if facts.who in ROLES else asked.sender
    return Call(name, sender, data, contract=facts.contract)


def _refuse_other(client: EscrowClient, call: Call) -> None:
    """Refuse what another must send, in the contract's own words."""
    from milestone_escrow.rpc_errors import request

    request(client.w3, "eth_call", client.transaction(call), "latest")
    raise Refused(
        409,
        f"{call.sender} is not who may send this.",
        "Ask who may: the deal's actions tell.",
        "wrong-sender",
    )


def _approvals(client: EscrowClient, call: Call) -> list[Call]:
    """Return what is to be sent first."""
    from milestone_escrow.tokens import allowance_of, balance_of

    needed = call.allowance
    if needed is None:
        return []
    w3, token, sender = client.w3, needed.token, call.sender
    if allowance_of(w3, token, sender, client.address) >= needed.amount:
        return []
    if balance_of(w3, token, sender) < needed.amount:
        return []  # the simulation says so
    return [calls.approve(token, sender, client.address, needed.amount)]


def _tried(
    client: EscrowClient, approvals: Sequence[Call], call: Call
) -> tuple[int | None, tuple[Receipt, ...] | None]:
    """Return the gas that the call needs, and the receipts that all would have."""
    if not approvals:
        return client.simulate(call), preview(client, [call])
    receipts = preview(client, [*approvals, call])
    # What was used is after refunds, at most a fifth; what is needed comes before them.
    return None if receipts is None else receipts[-1].gas_used * 5 // 4, receipts


# --- In words


def _shown(
    client: EscrowClient, asked: _Asked, name: str, call: Call, gas: int | None
) -> models_prepare.PreparedCall:
    facts = CALL_FACTS[name]
    sent = client.transaction(call)
    return models_prepare.PreparedCall(
        call=name,
        contract=facts.contract,  # type: ignore[arg-type]
        function=facts.function,
        arguments=_arguments(name, call.data),
        sentence=facts.does,
        who=facts.who,
        final=facts.final,
        pays=_pays(asked.shapes, call),
        transaction=models_prepare.Transaction(
            sender=sent["from"],
            to=sent["to"],
            data=sent["data"],
            value=sent["value"],
            chain_id=hex(client.chain_id),
            # A quarter more: a push needs spare gas (EIP-150), and the state may have moved.
            gas=None if gas is None else hex(gas + gas // 4),
        ),
    )


def _pays(shapes: Shapes, call: Call) -> models.Amount | None:
    if call.value:
        return shapes.amount(call.value, ZERO_ADDRESS)
    if call.contract == ERC20:
        return shapes.amount(int.from_bytes(call.data[-32:]), str(call.to))
    if call.allowance is not None:
        return shapes.amount(call.allowance.amount, call.allowance.token)
    return None


def _arguments(name: str, data: bytes) -> dict[str, Any]:
    """Return the arguments in calldata, read back from it."""
    inputs: Any = inputs_of(name)
    values = decode([collapse_if_tuple(each) for each in inputs], data[4:])
    return {
        each["name"]: _plain(each["name"], value)
        for each, value in zip(inputs, values, strict=True)
    }


def _plain(field: str, value: Any) -> Any:
    if field in ("agreement", "old", "new"):
        return Agreement.from_tuple(value).to_json()
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, tuple):
        return [_plain(field, each) for each in value]
    if isinstance(value, int):
        return value if field in _SMALL else str(value)
    from milestone_escrow.abi_values import to_address

    return to_address(value, field)


def _foreseen(receipt: Receipt) -> list[models_prepare.Foreseen]:
    told = []
    events: list[EventRecord | Note] = [*receipt.records, *receipt.notes]
    for event in sorted(events, key=lambda each: each.log_index):
        name, contract, args = event_words(event)
        told.append(models_prepare.Foreseen(name=name, contract=contract, args=args))
    return told
