"""The committed snapshot of the gas used, and what has changed since."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.gas_chain import HARDFORK, Measured
from bench.gas_rows import ASSETS, Asset
from milestone_escrow.artifacts import Artifact
from milestone_escrow.exceptions import UsageError

__all__ = ["Change", "Snapshot", "changes", "conditions_of", "read_snapshot", "write_snapshot"]

_REMEDY: Final = "Write it anew with python -m bench.gas --update."


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What was measured, and under which conditions.

    Attributes:
        conditions: ``compiler``, ``optimizer`` and ``evm_version`` of the contract, and
            ``hardfork``, the chain's rules.
        gas: Gas used, by row and each asset that the row is measured in.
    """

    conditions: Mapping[str, str]
    gas: Measured


@dataclass(frozen=True, slots=True)
class Change:
    """One figure, or one condition, that is not as in the snapshot.

    Attributes:
        what: The row and the asset, or the condition.
        before: What the snapshot has; None: nothing.
        now: What was measured; None: the row is gone.
    """

    what: str
    before: int | str | None
    now: int | str | None

    @property
    def grew(self) -> bool:
        """Whether the same work uses more gas than before."""
        return isinstance(self.before, int) and isinstance(self.now, int) and self.now > self.before

    def __str__(self) -> str:
        if isinstance(self.before, int) and isinstance(self.now, int):
            word = "grew" if self.grew else "shrank"
            step = f"{self.now - self.before:+,}"
            return f"{self.what} {word}: {self.before:,} -> {self.now:,} ({step})."
        if self.before is None:
            return f"{self.what} is new: {self.now}."
        if self.now is None:
            return f"{self.what} is gone."
        return f"{self.what} changed: {self.before} -> {self.now}."


def conditions_of(escrow: Artifact) -> dict[str, str]:
    """Return the conditions under which a compiled contract is measured."""
    return {
        "compiler": escrow.compiler,
        "optimizer": escrow.optimize,
        "evm_version": escrow.evm_version,
        "hardfork": HARDFORK,
    }


def changes(before: Snapshot, now: Snapshot) -> list[Change]:
    """Return all that differs: conditions first, then the rows in the order of the table."""
    old, new = _flat(before), _flat(now)
    return [
        Change(what, old.get(what), new.get(what))
        for what in dict.fromkeys([*new, *old])
        if old.get(what) != new.get(what)
    ]


def read_snapshot(path: Path) -> Snapshot:
    """Read a snapshot.

    Raises:
        UsageError: There is none, or it is not one (``bad-snapshot``).
    """
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        conditions = {name: str(stored[name]) for name in stored if name != "gas"}
        gas: dict[str, dict[Asset, int]] = {
            row: _figures(figures) for row, figures in stored["gas"].items()
        }
    except FileNotFoundError as error:
        raise UsageError(f"There is no {path.name}.", _REMEDY, code="bad-snapshot") from error
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise UsageError(
            f"{path.name} is not a snapshot of gas.", _REMEDY, code="bad-snapshot"
        ) from error
    return Snapshot(conditions, gas)


def write_snapshot(path: Path, snapshot: Snapshot) -> None:
    """Write a snapshot, the same bytes for the same figures."""
    stored = {**snapshot.conditions, "gas": snapshot.gas}
    path.write_text(json.dumps(stored, indent=2) + "\n", encoding="utf-8")


def _figures(stored: Mapping[str, object]) -> dict[Asset, int]:
    figures: dict[Asset, int] = {
        asset: int(str(stored[asset])) for asset in ASSETS if asset in stored
    }
    if not figures or len(figures) != len(stored):
        raise ValueError("a row without assets, or with one that nothing is measured in")
    return figures


def _flat(snapshot: Snapshot) -> dict[str, int | str]:
    figures = {
        f"{row}, {asset}": gas
        for row, by_asset in snapshot.gas.items()
        for asset, gas in by_asset.items()
    }
    return {**snapshot.conditions, **figures}
