"""Mutants that are declared to change nothing that anyone could notice, each with a reason."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.mutation.sites import Key, Mutant

__all__ = ["FILE", "Equivalent", "UnknownMutantsError", "declared", "matched"]

FILE: Final = Path(__file__).with_name("equivalent.toml")


class UnknownMutantsError(Exception):
    """Declarations that fit no mutant."""


@dataclass(frozen=True, slots=True)
class Equivalent:
    """A declaration.

    Attributes:
        key: Of the mutant.
        why: A sentence.
    """

    key: Key
    why: str


def declared(path: Path = FILE) -> tuple[Equivalent, ...]:
    """Return all declarations in a file."""
    entries = tomllib.loads(path.read_text(encoding="utf-8")).get("equivalent", [])
    return tuple(
        Equivalent(
            (
                entry["file"],
                entry["function"],
                entry["before"],
                entry["after"],
                entry.get("nth", 1),
            ),
            entry["why"],
        )
        for entry in entries
    )


def matched(declarations: Iterable[Equivalent], mutants: Iterable[Mutant]) -> Mapping[Key, str]:
    """Return the reasons by the mutants' keys.

    Args:
        declarations: Each that is about a file of the mutants must fit one of them.
        mutants: All of a target.

    Raises:
        UnknownMutantsError: Some fit none, or one is declared twice.
    """
    keys = {mutant.key for mutant in mutants}
    files = {file for file, *_ in keys}
    reasons: dict[Key, str] = {}
    wrong = []
    for declaration in declarations:
        if declaration.key[0] not in files:
            continue
        if declaration.key not in keys or declaration.key in reasons:
            wrong.append(f"  {declaration.key}")
        reasons[declaration.key] = declaration.why
    if wrong:
        lines = "\n".join(wrong)
        raise UnknownMutantsError(
            f"{FILE.name} declares what fits no mutant, or twice. Correct or remove:\n{lines}"
        )
    return reasons
