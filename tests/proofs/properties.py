"""The properties as their Solidity sources declare them, and the bounds that all share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

__all__ = ["BOUNDS", "HERE", "Property", "chosen", "declared"]

HERE: Final = Path(__file__).resolve().parent

BOUNDS: Final = (
    "One call (two or three where the sentence says so) from every state that `valid` in"
    " properties/Deal.sol allows; Steps, Pairs and Amendments prove that none of their calls leads"
    " out of them.",
    "Two milestones. The call is for the first, or in Guards and Rulings for one that does not"
    " exist; the other is in every state. One index a call; in Pairs both, in either order, or the"
    " first one twice.",
    "The agreement is fixed but in Openings: native coin, an arbiter with 5.12 %, a fallback of"
    " 40.96 %, 30 days of review and 40 of ruling. In Amendments the new one is the old one with"
    " another document. The first amount is 10**18 in Openings, 10**6 in Amendments, Money, Pairs"
    " and Steps, 10**9 in Clocks and Rulings, 2**64 - 1 elsewhere; any part of it may have been"
    " paid. The fee is 2.56 % in Amendments, Money, Openings, Pairs and Steps (but for the"
    " fallback, and the ruling of Steps), nothing elsewhere.",
    "Times of 1 .. 2**40 - 1 seconds, coins below 2**96, sums that a call of Money, Pairs or Steps"
    " names below 2**20. Callers, other arguments and words are arbitrary where they are not"
    " named.",
    "Keccak-256 has no collisions, gas does not run out, receivers take what they are sent unless"
    " the sentence says otherwise, signers are contracts (ERC-1271) or have no code.",
)
"""What the proofs do not go beyond, a sentence each."""

_CONTRACT: Final = re.compile(r"^contract (\w+) is Deal \{", re.MULTILINE)
_CHECK: Final = re.compile(r"^    /// @notice (.+)\n    function (check_\w+)\(\)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Property:
    """What is to be proved.

    Attributes:
        family: The contract of the property's file.
        check: Its function there.
        sentence: What it says.
    """

    family: str
    check: str
    sentence: str

    @property
    def name(self) -> str:
        """Return the name under which it is run, such as ``Guards.accept``."""
        return f"{self.family}.{self.check.removeprefix('check_')}"


def declared() -> tuple[Property, ...]:
    """Return all properties, by family and then in the order of their file."""
    return tuple(
        found
        for path in sorted((HERE / "properties").glob("*.sol"))
        for found in _of(path.read_text(encoding="utf-8"))
    )


def chosen(patterns: Sequence[str] | None) -> tuple[Property, ...]:
    """Return the properties whose names fit one of the patterns; all for None.

    Args:
        patterns: Names such as ``Guards.accept``, or with wildcards: ``Guards.*``.

    Raises:
        ValueError: a pattern fits none.
    """
    every = declared()
    if patterns is None:
        return every
    for pattern in patterns:
        if not any(fnmatchcase(prop.name, pattern) for prop in every):
            raise ValueError(f"No property fits {pattern}: --list names them all.")
    return tuple(p for p in every if any(fnmatchcase(p.name, pattern) for pattern in patterns))


def _of(source: str) -> Iterable[Property]:
    family = _CONTRACT.search(source)
    if family is None:
        return ()
    return (Property(family[1], check, sentence) for sentence, check in _CHECK.findall(source))
