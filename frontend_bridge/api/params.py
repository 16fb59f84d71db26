"""The parameters of requests: what each may be, and how its text is read."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal
from urllib.parse import unquote_plus

from frontend_bridge.api.problems import Refused
from milestone_escrow.abi_values import ZERO_ADDRESS, to_address
from milestone_escrow.exceptions import UsageError

__all__ = [
    "Param",
    "Shape",
    "address",
    "choice",
    "content_hash",
    "cursor",
    "deal_id",
    "digits",
    "idempotency_key",
    "line",
    "number",
    "read",
]

_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,14}")


@dataclass(frozen=True, slots=True)
class Shape:
    """What a value may be.

    Attributes:
        schema: JSON Schema of the text.
        parse: Turns the text into the value; raises ``ValueError`` with what would be right.
    """

    schema: Mapping[str, Any]
    parse: Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class Param:
    """A parameter.

    Attributes:
        name: In the path or the query.
        shape: What its value may be.
        note: What it means.
        place: Where it stands.
        required: Whether it must be given; one in the path always is.
        default: The value where it is not given.
        field: Name of the value for the handler; None: as ``name``.
    """

    name: str
    shape: Shape
    note: str
    place: Literal["path", "query", "header"] = "query"
    required: bool = False
    default: Any = None
    field: str | None = None


# --- Shapes


def _matching(pattern: str, right: str, convert: Callable[[str], Any], **schema: Any) -> Shape:
    compiled = re.compile(pattern)

    def parse(text: str) -> Any:
        if compiled.fullmatch(text) is None:
            raise ValueError(right)
        return convert(text)

    return Shape({"type": "string", "pattern": f"^{pattern}$", **schema}, parse)


def _address(text: str) -> str:
    try:
        found = to_address(text, "address", UsageError)
    except UsageError as error:
        raise Refused(422, error.sentence, error.remedy, "bad-checksum") from error
    if found == ZERO_ADDRESS:
        raise Refused(
            422, "The zero address is nobody.", "Give the address of an account.", "zero-address"
        )
    return found


def _token(text: str) -> str:
    return text if text == ZERO_ADDRESS else _address(text)


_ADDRESS: Final = "0x[0-9a-fA-F]{40}"
_FORTY: Final = "Give 0x and 40 hexadecimal digits."

address: Final = _matching(_ADDRESS, _FORTY, _address)
token: Final = _matching(_ADDRESS, _FORTY, _token)
deal_id: Final = _matching(
    "0x[0-9a-fA-F]{64}", "Give 0x and 64 hexadecimal digits.", lambda text: bytes.fromhex(text[2:])
)
digits: Final = _matching(
    "0x[0-9a-fA-F]{4,64}",
    "Give 0x and 4 to 64 hexadecimal digits.",
    lambda text: text[2:].lower(),
)
idempotency_key: Final = _matching("[!-~]{1,255}", "Give 1 to 255 characters of ASCII.", str)
content_hash: Final = deal_id
cursor: Final = _matching("[A-Za-z0-9_-]{1,64}", "Give the next of the page before, or none.", str)


def choice(*words: str) -> Shape:
    """Return the shape of one word out of some."""

    def parse(text: str) -> str:
        if text not in words:
            raise ValueError(f"Give one of {', '.join(words)}.")
        return text

    return Shape({"type": "string", "enum": list(words)}, parse)


def line(longest: int) -> Shape:
    """Return the shape of a line of text."""
    return _matching(
        rf"[^\x00-\x1f\x7f]{{1,{longest}}}", f"Give 1 to {longest} characters on one line.", str
    )


def number(low: int, high: int) -> Shape:
    """Return the shape of an integer in a range."""

    def parse(text: str) -> int:
        if _NUMBER.fullmatch(text) is None or not low <= int(text) <= high:
            raise ValueError(f"Give an integer from {low} to {high}.")
        return int(text)

    return Shape({"type": "integer", "minimum": low, "maximum": high}, parse)


# --- Reading


def read(
    params: Sequence[Param], path: Mapping[str, str], query: bytes, headers: Mapping[bytes, bytes]
) -> dict[str, Any]:
    """Return the values of a request.

    Raises:
        Refused: One is malformed, given twice, missing or unknown (400), or cannot be (422).
    """
    given = _pairs(query)
    known = {param.name for param in params if param.place == "query"}
    for name in given:
        if name not in known:
            raise Refused(
                400,
                f"There is no parameter {name[:40]!a}.",
                f"Give only {', '.join(sorted(known))}." if known else "Give none.",
                "unknown-parameter",
            )
    values: dict[str, Any] = {}
    for param in params:
        if param.place == "path":
            text: str | None = path[param.name]
        elif param.place == "header":
            sent = headers.get(param.name.lower().encode())
            text = None if sent is None else sent.decode("latin-1")
        else:
            text = given.get(param.name)
        if text is None:
            if param.required:
                raise Refused(
                    400, f"{param.name} is missing.", f"Give {param.name}.", "missing-parameter"
                )
            values[param.field or param.name] = param.default
            continue
        try:
            values[param.field or param.name] = param.shape.parse(text)
        except ValueError as right:
            raise Refused(
                400, f"{param.name} is not what it must be.", str(right), "bad-parameter"
            ) from None
    return values


def _pairs(query: bytes) -> dict[str, str]:
    given: dict[str, str] = {}
    for part in query.split(b"&") if query else ():
        name, _, value = part.partition(b"=")
        try:
            key = unquote_plus(name.decode("ascii"), errors="strict")
            text = unquote_plus(value.decode("ascii"), errors="strict")
        except UnicodeDecodeError:
            raise Refused(
                400, "The query is not UTF-8.", "Encode it by percent signs.", "bad-query"
            ) from None
        if key in given:
            raise Refused(
                400, f"{key[:40]!a} is given twice.", "Give it once.", "repeated-parameter"
            )
        given[key] = text
    return given
