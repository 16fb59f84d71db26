"""Whether an ERC-7730 descriptor fits the ABI, or the messages, that it is of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from eth_utils.abi import function_abi_to_4byte_selector

from tests.bridge.descriptor_keys import Part, parse, paths, selector

__all__ = ["disagreements", "message_disagreements"]

_FORMATS: Final[Mapping[str, frozenset[str]]] = {
    "address": frozenset({"addressName", "tokenTicker"}),
    "uint256": frozenset({"raw", "tokenAmount", "date", "duration", "unit", "enum"}),
}
_OTHERS: Final = frozenset({"raw"})


def disagreements(descriptor: Mapping[str, Any], abi: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return what in a descriptor does not fit the functions of an ABI; nothing, if all does.

    Every function that changes something has one format, by a key of its selector and names; every
    path leads to a value of a type that its form can show; and no value is without a path.
    """
    wanted = {
        function_abi_to_4byte_selector(entry): entry  # type: ignore[arg-type]
        for entry in abi
        if entry["type"] == "function" and entry["stateMutability"] in ("payable", "nonpayable")
    }
    wrong: list[str] = []
    for key, form in descriptor["display"]["formats"].items():
        try:
            name, parts = parse(key)
        except (ValueError, IndexError) as error:
            wrong.append(f"{key}: {error}")
            continue
        entry = wanted.pop(selector(name, parts), None)
        if entry is None:
            wrong.append(f"{name} is no function of the contract, or there twice")
        elif list(_declared(entry["inputs"])) != list(paths(parts)):
            wrong.append(f"{name}: its arguments have other names")
        payable = entry is not None and entry["stateMutability"] == "payable"
        wrong += _misfits(name, form, parts, {"@.value"} if payable else set())
    return wrong + [f"{entry['name']} has no format" for entry in wanted.values()]


def message_disagreements(descriptor: Mapping[str, Any], keys: Sequence[str]) -> list[str]:
    """Return what in a descriptor does not fit messages, given by EIP-712's encodeType."""
    formats = descriptor["display"]["formats"]
    wrong = [f"{key} has no format" for key in keys if key not in formats]
    wrong += [f"{key} is no message" for key in formats if key not in keys]
    for key, form in formats.items():
        name, parts = parse(key)
        wrong += _misfits(name, form, parts, set())
    return wrong


def _declared(inputs: Sequence[Mapping[str, Any]], root: str = "") -> Iterator[tuple[str, str]]:
    """Yield path and type of each value in an ABI's arguments."""
    for each in inputs:
        kind = each["type"]
        path = f"{root}{each['name']}" + (".[]" if kind.endswith("[]") else "")
        if kind.startswith("tuple"):
            yield from _declared(each["components"], f"{path}.")
        else:
            yield path, kind.removesuffix("[]")


def _misfits(
    name: str, form: Mapping[str, Any], parts: Sequence[Part], container: set[str]
) -> Iterator[str]:
    kinds = dict(paths(parts))
    unshown = kinds.keys() | container
    for one in _flat(form["fields"]):
        if "value" in one:
            continue
        path, shape = one["path"], one["format"]
        unshown.discard(path)
        if path in container:
            if shape != "amount":
                yield f"{name}: {path} is an amount of the coin"
        elif path not in kinds:
            yield f"{name}: there is no {path}"
        elif shape not in _FORMATS.get(kinds[path], _OTHERS):
            yield f"{name}: {path} is no {shape}"
        token = one.get("params", {}).get("tokenPath")
        if shape == "tokenAmount" and kinds.get(token) != "address":
            yield f"{name}: {path} is in a token at {token}, where there is none"
    for path in sorted(unshown):
        yield f"{name}: {path} is not shown"


def _flat(fields: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for one in fields:
        if "fields" in one:
            yield from _flat(one["fields"])
        else:
            yield one
