"""A wallet that knows nothing of the escrow but its ERC-7730 descriptors.

It reads the types out of a descriptor's keys, decodes what is to be signed by them, and writes each
value as the standard says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from eth_abi.abi import decode
from eth_utils.address import to_checksum_address

from tests.bridge.descriptor_keys import Part, parse, selector

__all__ = ["Line", "NotForThis", "Screen", "read_call", "read_message"]

_NATIVE: Final = ("ETH", 18)

Tokens = Mapping[str, tuple[str, int]]
"""Symbol and decimals of the tokens that the wallet knows, by their addresses."""


class NotForThis(Exception):  # noqa: N818 - what a wallet says of a descriptor
    """The descriptor is not of what is to be signed; the message says why."""


@dataclass(frozen=True, slots=True)
class Line:
    """What is shown: a label, a text, and where it comes from; a sentence has no path."""

    label: str
    text: str
    path: str | None = None
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Screen:
    """All that is shown of what is to be signed."""

    intent: str
    lines: list[Line] = field(default_factory=list)

    def texts(self, label: str) -> list[str]:
        return [line.text for line in self.lines if line.label == label]

    def at(self, path: str) -> list[str]:
        return [line.text for line in self.lines if line.path == path]


# --- Reading what is to be signed


def read_call(
    descriptor: Mapping[str, Any], transaction: Mapping[str, Any], tokens: Tokens
) -> Screen:
    """Return what is shown of a transaction as ``eth_sendTransaction`` takes it.

    Raises:
        NotForThis: it goes elsewhere, or calls what the descriptor does not know.
    """
    chain_id, to = int(transaction["chainId"], 16), transaction["to"]
    _bound(descriptor["context"]["contract"], chain_id, to)
    data = bytes.fromhex(transaction["data"][2:])
    for key, form in descriptor["display"]["formats"].items():
        name, parts = parse(key)
        if selector(name, parts) == data[:4]:
            values = decode([part.kind for part in parts], data[4:])
            given = {
                part.name: _named(part, value) for part, value in zip(parts, values, strict=True)
            }
            container = {"value": int(transaction["value"], 16), "to": to}
            return _screen(descriptor, form, given, container, tokens)
    raise NotForThis(f"no format for {data[:4].hex()}")


def read_message(
    descriptor: Mapping[str, Any], typed_data: Mapping[str, Any], tokens: Tokens
) -> Screen:
    """Return what is shown of a message as ``eth_signTypedData_v4`` takes it.

    Raises:
        NotForThis: it is of another domain, or of a type that the descriptor does not know.
    """
    context, domain = descriptor["context"]["eip712"], typed_data["domain"]
    for name, value in context["domain"].items():
        if domain.get(name) != value:
            raise NotForThis(f"the domain's {name} is {domain.get(name)}")
    _bound(context, domain["chainId"], domain["verifyingContract"])
    key = _encoded(typed_data["primaryType"], typed_data["types"])
    form = descriptor["display"]["formats"].get(key)
    if form is None:
        raise NotForThis(f"no format for {key}")
    _, parts = parse(key)
    given = {part.name: _typed(part, typed_data["message"][part.name]) for part in parts}
    return _screen(descriptor, form, given, {}, tokens)


def _bound(context: Mapping[str, Any], chain_id: int, to: str) -> None:
    for place in context["deployments"]:
        if place["chainId"] == chain_id and place["address"].lower() == to.lower():
            return
    raise NotForThis(f"{to} on chain {chain_id} is not where it is deployed")


def _encoded(primary: str, types: Mapping[str, Any]) -> str:
    """Return EIP-712's encodeType of a message by its own types."""
    others = sorted(name for name in types if name not in ("EIP712Domain", primary))
    text = ""
    for struct in (primary, *others):
        fields = ",".join(f"{each['type']} {each['name']}" for each in types[struct])
        text += f"{struct}({fields})"
    return text


def _named(part: Part, value: Any) -> Any:
    """Return a decoded value with names for its parts."""
    if not part.parts:
        return list(value) if part.array else value
    if part.array:
        return [_named(Part(part.name, "", part.parts), each) for each in value]
    return {each.name: _named(each, one) for each, one in zip(part.parts, value, strict=True)}


def _typed(part: Part, value: Any) -> Any:
    """Return a message's JSON value as the ABI would give it."""
    if part.array:
        return [_typed(Part(part.name, part.kind[:-2], part.parts), each) for each in value]
    if part.parts:
        return {each.name: _typed(each, value[each.name]) for each in part.parts}
    if part.kind == "uint256":
        return int(value)
    return bytes.fromhex(value[2:]) if part.kind == "bytes32" else value


# --- Showing it


def _screen(
    descriptor: Mapping[str, Any],
    form: Mapping[str, Any],
    given: Mapping[str, Any],
    container: Mapping[str, Any],
    tokens: Tokens,
) -> Screen:
    shown = _Shown(descriptor["metadata"], given, container, tokens)
    return Screen(form["intent"], list(shown.lines(form["fields"])))


@dataclass(frozen=True, slots=True)
class _Shown:
    metadata: Mapping[str, Any]
    given: Mapping[str, Any]
    container: Mapping[str, Any]
    tokens: Tokens

    def lines(self, fields: Sequence[Mapping[str, Any]]) -> Iterator[Line]:
        for one in fields:
            if "fields" not in one:
                yield from self._field(one)
                continue
            columns = [list(self._field(each)) for each in one["fields"]]
            if one["iteration"] == "bundled" and len({len(column) for column in columns}) > 1:
                raise NotForThis(f"{one['label']}: the lists have different lengths")
            for row in zip(*columns, strict=True):
                yield from row

    def _field(self, one: Mapping[str, Any]) -> Iterator[Line]:
        if "value" in one:
            yield Line(one["label"], str(one["value"]))
            return
        rule = one.get("visible", "always")
        for value in self._values(one["path"]):
            if isinstance(rule, dict) and _plain(value) in rule["ifNotIn"]:
                continue
            text = self._text(value, one["format"], one.get("params", {}))
            yield Line(one["label"], text, one["path"], rule == "optional")

    def _values(self, path: str) -> list[Any]:
        """Return what is at a path: one value, or one for each element of its array."""
        if path.startswith("@."):
            return [self.container[path[2:]]]
        found: list[Any] = [self.given]
        for step in path.split("."):
            found = (
                [each for one in found for each in one]
                if step == "[]"
                else [one[step] for one in found]
            )
        return found

    def _text(self, value: Any, form: str, params: Mapping[str, Any]) -> str:
        if form == "tokenAmount":
            (token,) = self._values(params["tokenPath"])
            if token == params["nativeCurrencyAddress"]:
                return _units(value, *_NATIVE)
            return _units(value, *self.tokens[to_checksum_address(token)])
        if form == "amount":
            return _units(value, *_NATIVE)
        if form == "date":
            assert params["encoding"] == "timestamp"
            return datetime.fromtimestamp(value, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        if form == "duration":
            return f"{value // 3600:02}:{value // 60 % 60:02}:{value % 60:02}"
        if form == "unit":
            return f"{_decimal(value, params.get('decimals', 0))}{params['base']}"
        if form == "enum":
            words = self.metadata["enums"][params["$ref"].removeprefix("$.metadata.enums.")]
            return str(words[str(value)])
        if form == "tokenTicker" and (token := to_checksum_address(value)) in self.tokens:
            return str(self.tokens[token][0])
        if form in ("addressName", "tokenTicker"):
            return str(to_checksum_address(value))
        assert form == "raw", form
        return str(_plain(value))


def _plain(value: Any) -> Any:
    return "0x" + value.hex() if isinstance(value, bytes) else value


def _units(value: int, symbol: str, decimals: int) -> str:
    return f"{_decimal(value, decimals)} {symbol}"


def _decimal(value: int, decimals: int) -> str:
    whole, part = divmod(value, 10**decimals)
    return str(whole) + (f".{part:0{decimals}}".rstrip("0") if part else "")
