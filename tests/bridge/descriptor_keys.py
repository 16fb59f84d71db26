"""The keys of an ERC-7730 descriptor: signatures with names, and EIP-712's types, read apart."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from eth_utils.crypto import keccak

__all__ = ["Part", "parse", "paths", "selector"]


@dataclass(frozen=True, slots=True)
class Part:
    """An argument or a field as a key declares it.

    Attributes:
        name: Its name.
        kind: Its canonical type, such as ``uint256[]``; a tuple's with its parts' types.
        parts: Of a tuple, or of each tuple of an array.
    """

    name: str
    kind: str
    parts: tuple[Part, ...] = ()

    @property
    def array(self) -> bool:
        return self.kind.endswith("[]")


def parse(key: str) -> tuple[str, tuple[Part, ...]]:
    """Return the name and the arguments of a function's key, or of a message's."""
    if _is_message(key):
        structs = dict(re.findall(r"(\w+)\(([^()]*)\)", key))
        (name, body), *_ = structs.items()
        return name, tuple(_fields(body, structs))
    name, _, rest = key.partition("(")
    parts, end = _arguments(rest, 0)
    if rest[end:] != ")":
        raise ValueError(f"{key} does not end where its arguments do")
    return name, parts


def _is_message(key: str) -> bool:
    return key[0].isupper()


def _fields(body: str, structs: Mapping[str, str]) -> Iterator[Part]:
    for one in body.split(","):
        kind, name = one.split(" ")
        struct = kind.removesuffix("[]")
        if struct not in structs:
            yield Part(name, kind)
            continue
        parts = tuple(_fields(structs[struct], structs))
        yield Part(name, _tuple(parts) + kind.removeprefix(struct), parts)


def _arguments(text: str, at: int) -> tuple[tuple[Part, ...], int]:
    """Return the arguments from a place on, and where the bracket closes behind them."""
    parts: list[Part] = []
    while text[at] != ")":
        if parts:
            if text[at] != ",":
                raise ValueError(f"no comma at {at} of {text}")
            at += 1
        inner: tuple[Part, ...] = ()
        if text[at] == "(":
            inner, at = _arguments(text, at + 1)
            kind, at = _tuple(inner), at + 1
        else:
            word = re.compile(r"(?:address|bytes|string|bool|u?int\d+|bytes\d+)(?=[ \[])")
            found = word.match(text, at)
            if found is None:
                raise ValueError(f"no canonical type at {at} of {text}")
            kind, at = found[0], found.end()
        tail = re.compile(r"((?:\[\])?) ([A-Za-z_]\w*)").match(text, at)
        if tail is None:
            raise ValueError(f"no name at {at} of {text}")
        parts.append(Part(tail[2], kind + tail[1], inner))
        at = tail.end()
    return tuple(parts), at


def _tuple(parts: Sequence[Part]) -> str:
    return f"({','.join(part.kind for part in parts)})"


def selector(name: str, parts: Sequence[Part]) -> bytes:
    return keccak(text=name + _tuple(parts))[:4]


def paths(parts: Sequence[Part], root: str = "") -> Iterator[tuple[str, str]]:
    """Yield path and type of each value that a key declares."""
    for part in parts:
        path = f"{root}{part.name}" + (".[]" if part.array else "")
        if part.parts:
            yield from paths(part.parts, f"{path}.")
        else:
            yield path, part.kind.removesuffix("[]")
