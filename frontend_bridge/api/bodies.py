"""The bodies of requests: those of calls are made of the contracts' ABI, and all are read strictly.

Beside the arguments, under the ABI's names, a body names the deal by its id or by the whole
agreement. Numbers that are small by their meaning (indexes, percents, scores, v) are JSON integers;
every other integer is a decimal string.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from frontend_bridge.api.models import Address, Agreement
from frontend_bridge.api.problems import Refused
from milestone_escrow import artifacts
from milestone_escrow.call_facts import CALL_FACTS, MESSAGE_FACTS
from milestone_escrow.calls import ERC20, ESCROW, NOTES
from milestone_escrow.exceptions import UsageError
from milestone_escrow.strict_json import StrictReader

__all__ = ["AMOUNTS", "CALL_BODIES", "MESSAGE_BODIES", "PREPARED", "inputs_of", "parse"]

Uint = Annotated[
    str, Meta(pattern="^(0|[1-9][0-9]{0,77})$", description="An integer as a decimal string.")
]
Quantity = Annotated[
    str,
    Meta(
        pattern=r"^(0|[1-9][0-9]{0,77})(\.[0-9]{1,77})?$",
        description="Raw units; with `units` decimal, whole tokens and their parts.",
    ),
]
HexBytes = Annotated[
    str, Meta(pattern="^0x([0-9a-fA-F]{2})*$", max_length=8_194, description="Bytes.")
]
AnyHash = Annotated[str, Meta(pattern="^0x[0-9a-fA-F]{64}$", description="32 bytes.")]
Index = Annotated[int, Meta(ge=0, le=9, description="A milestone; 0 is the first.")]
Indexes = Annotated[list[Index], Meta(min_length=1, max_length=10)]
Body = type[msgspec.Struct]

AMOUNTS: Final = ("amount", "paid_total", "freelancer_amount", "freelancer_amounts")
"""Arguments that are in the units of a token."""

_TYPES: Final[Mapping[str, Any]] = {
    "index": Index,
    "indexes": Indexes,
    "percent": Annotated[int, Meta(ge=0, le=100)],
    "score": Annotated[int, Meta(ge=1, le=5)],
    "v": Annotated[int, Meta(ge=0, le=255)],
    "new": Agreement,
    "amount": Quantity,
    "paid_total": Quantity,
    "freelancer_amount": Quantity,
    "freelancer_amounts": Annotated[list[Quantity], Meta(min_length=1, max_length=10)],
}
_BY_ABI: Final[Mapping[str, Any]] = {
    "uint256": Uint,
    "bytes32": AnyHash,
    "address": Address,
    "bytes": HexBytes,
}
_ABOUT: Final = ("agreement", "old")  # what the ABI calls the deal that a call is about
_USUAL: Final[Mapping[str, Any]] = {
    "signature": "0x",
    **dict.fromkeys(("evidence", "reason", "note", "review"), "0x" + "0" * 64),
}
_NEEDED: Final = {("redeem", "signature"), ("settle", "signature"), ("submit_evidence", "evidence")}

PREPARED: Final = tuple(
    name for name, facts in CALL_FACTS.items() if facts.contract in (ESCROW, NOTES, ERC20)
)
"""Names of the calls that are prepared: those of both contracts, and the approval."""

_MESSAGES: Final[Mapping[str, tuple[tuple[str, Any], ...]]] = {
    "agreement": (),
    "amendment": (("new", Agreement), ("indexes", Indexes), ("expiry", Uint)),
    "settlement": (
        ("indexes", Indexes),
        ("freelancer_amounts", _TYPES["freelancer_amounts"]),
        ("expiry", Uint),
    ),
    "voucher": (("index", Index), ("paid_total", Quantity), ("expiry", Uint)),
    "permit": (("indexes", Indexes), ("deadline", Uint)),
}
assert _MESSAGES.keys() == MESSAGE_FACTS.keys()

_READER: Final = StrictReader(UsageError)
_MOST_SHOWN: Final = 200  # characters of what is wrong with a body: a part of it is the sender's


def inputs_of(name: str) -> tuple[dict[str, Any], ...]:
    """Return the inputs of a call, as the ABI has them."""
    facts = CALL_FACTS[name]
    # The compiled token of the test chains has the standard's function.
    contract = "TestToken" if facts.contract == ERC20 else facts.contract
    return next(
        tuple(entry["inputs"])
        for entry in artifacts.load(contract).abi
        if entry["type"] == "function" and entry["name"] == facts.function
    )


def parse(raw: bytes, body: Body) -> msgspec.Struct:
    """Return a body that was sent.

    Raises:
        Refused: It is no JSON, or not of the body's type (400).
    """
    try:
        return msgspec.convert(_READER.parse(raw), body)
    except UsageError as error:
        raise Refused(400, _shown(error.sentence), error.remedy, "bad-json") from error
    except msgspec.ValidationError as error:
        raise Refused(
            400,
            _shown(f"The body is not what it must be: {error}."),
            "Give what /openapi.json says of this path.",
            "bad-body",
        ) from error


def _shown(sentence: str) -> str:
    plain = ascii(sentence)[1:-1]
    return plain if len(plain) <= _MOST_SHOWN else plain[:_MOST_SHOWN] + "..."


def _body(name: str, says: str, fields: Sequence[Any], *, deal: bool, sender: bool) -> Body:
    found: list[Any] = [("sender", Address)] if sender else []
    if deal:
        found += [
            ("deal_id", AnyHash | UnsetType, UNSET),
            ("agreement", Agreement | UnsetType, UNSET),
        ]
        says += " The deal is named by its deal_id, or by the whole agreement."
    found += fields
    if any(field[0] in AMOUNTS for field in fields):
        found.append(("units", Literal["raw", "decimal"], "raw"))
    return msgspec.defstruct(
        name,
        found,
        rename={"sender": "from"},
        forbid_unknown_fields=True,
        frozen=True,
        kw_only=True,
        namespace={"__doc__": says},
    )


def _call_body(name: str) -> Body:
    says = f"{CALL_FACTS[name].does} `from` is who will sign and send it."
    if name == "approve":  # the spender is the escrow
        fields: list[Any] = [("token", Address), ("amount", Quantity)]
        return _body("PrepareApprove", says, fields, deal=False, sender=True)
    inputs = inputs_of(name)
    deal = inputs[0]["name"] in _ABOUT
    fields = []
    for given in inputs[deal:]:
        field = given["name"]
        kind = _TYPES.get(field) or _BY_ABI[given["type"]]
        usual = field in _USUAL and (name, field) not in _NEEDED
        fields.append((field, kind, _USUAL[field]) if usual else (field, kind))
    words = "".join(part.title() for part in name.split("_"))
    return _body(f"Prepare{words}", says, fields, deal=deal, sender=True)


CALL_BODIES: Final[Mapping[str, Body]] = MappingProxyType(
    {name: _call_body(name) for name in PREPARED}
)
"""The body of each call."""

MESSAGE_BODIES: Final[Mapping[str, Body]] = MappingProxyType(
    {
        name: _body(
            f"Sign{name.title()}", MESSAGE_FACTS[name].does, fields, deal=True, sender=False
        )
        for name, fields in _MESSAGES.items()
    }
)
"""The body of each message that is signed."""
