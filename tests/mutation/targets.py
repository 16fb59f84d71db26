"""What is mutated: the sources of a contract, and the tests that are about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from tests.compiled import ESCROW, ROOT

__all__ = ["TARGETS", "Target"]

_ERRORS: Final = "modules/errors.vy"
_TESTS: Final = ROOT / "tests" / "contract"
# They play at random, as the battery does with other seeds; or they are not about bytecode.
_ELSEWHERE: Final = frozenset(
    {
        "test_builds",
        "test_model",
        "test_model_aged",
        "test_model_reach",
        "test_source",
        "test_typed_data_viem",
    }
)


@dataclass(frozen=True, slots=True)
class Target:
    """A contract whose sources are mutated.

    Attributes:
        name: As on the command line.
        entry: The file that is compiled, below the folder of contracts.
        modules: The modules that it imports are mutated, too; but for the table of errors, whose
            every line the build recomputes.
        plays: Random plays against the model are the first to try.
        about: Names of the test files that are about a function or a file, the first of them first;
            a function has also those whose names begin with ``test_`` and its name.
        only: Names of all test files that know the contract; none: all of ``tests/contract``.
    """

    name: str
    entry: str
    modules: bool
    plays: bool
    about: Mapping[str, tuple[str, ...]]
    only: tuple[str, ...] = ()

    def mutates(self, file: str) -> bool:
        """Return whether a file is mutated, that is compiled with the entry."""
        return file == self.entry or (self.modules and file != _ERRORS)

    def tests_about(self, file: str, function: str) -> tuple[str, ...]:
        """Return the test files to try first, as paths."""
        own = [
            name
            for name in self.tests_known()
            if function and name.startswith(f"test_{function.strip('_')}")
        ]
        names = dict.fromkeys((*own, *self.about.get(function, ()), *self.about.get(file, ())))
        return tuple(_path(name) for name in names)

    def tests_beyond(self, file: str, function: str) -> tuple[str, ...]:
        """Return all other test files, as paths, those with many tests last."""
        tried = self.tests_about(file, function)
        return tuple(path for path in map(_path, self.tests_known()) if path not in tried)

    def tests_known(self) -> tuple[str, ...]:
        """Return the names of all test files that are tried."""
        return self.only or _all_tests()


@cache
def _all_tests() -> tuple[str, ...]:
    found = {path.stem: path.stat().st_size for path in _TESTS.glob("test_*.py")}
    last = ("test_reentry", "test_promises", "test_transitions")
    return tuple(
        name
        for name in sorted(found, key=lambda name: (name in last, name))
        if name not in _ELSEWHERE
    )


def _path(name: str) -> str:
    return f"tests/contract/{name}.py"


_ABOUT: Final = {
    "fund": ("test_typed_data",),
    "cancel": ("test_activity",),
    "release": ("test_activity",),
    "_enter": ("test_transitions",),
    "_fail_not_open": ("test_transitions",),
    "_fail_not_held": ("test_transitions",),
    "_check_bound": ("test_transitions",),
    "_ruling_ends": ("test_rule", "test_apply_fallback"),
    "_lapsed": ("test_settle_dormant", "test_activity"),
    "_check_not_lapsed": ("test_settle_dormant", "test_activity"),
    "_bind": ("test_accept", "test_fund", "test_amend_terms"),
    "_touched": ("test_activity",),
    "_active": ("test_activity", "test_release", "test_cancel"),
    "_pay_part": ("test_release_part", "test_redeem"),
    "_split": ("test_rule", "test_apply_fallback"),
    "_log_split": ("test_rule", "test_settle"),
    "_fee": ("test_release", "test_release_part"),
    "_pay": ("test_release", "test_credits"),
    "_take_word": ("test_release", "test_cancel", "test_amend"),
    "deal": ("test_views", "test_packing"),
    "deal_id": ("test_typed_data",),
    "milestone": ("test_views", "test_packing"),
    "credit": ("test_credits", "test_views"),
    "pull": ("test_fund", "test_amend"),
    "withdraw_credit": ("test_credits",),
    "pay_credit": ("test_credits",),
    "modules/agreements.vy": ("test_agreement_rules", "test_typed_data", "test_views"),
    "modules/domain.vy": ("test_typed_data", "test_signed_messages", "test_views"),
    "modules/ledger.vy": (
        "test_push_gas",
        "test_credits",
        "test_hostile_tokens",
        "test_hostile_receivers",
        "test_gas_bounds",
    ),
    "modules/identity.vy": ("test_typed_data",),
    "modules/messages.vy": ("test_signed_messages", "test_typed_data"),
    "modules/packing.vy": ("test_packing", "test_views"),
    "modules/reasons.vy": (
        "test_redeem",
        "test_claim",
        "test_apply_fallback",
        "test_rule",
        "test_settle",
        "test_cancel",
        "test_withdraw",
        "test_settle_dormant",
    ),
    "modules/signatures.vy": ("test_signatures", "test_signature_edges", "test_signature_vectors"),
}

TARGETS: Final = {
    target.name: target
    for target in (
        Target(
            name="escrow",
            entry=ESCROW,
            modules=True,
            plays=True,
            about=_ABOUT,
        ),
        Target(
            name="notes",
            entry="DealNotes.vy",
            modules=False,
            plays=False,
            about={"DealNotes.vy": ("test_deal_notes",)},
            only=("test_deal_notes",),
        ),
        Target(
            name="arbiter",
            entry="arbiters/ArbiterAdapter.vy",
            modules=False,
            plays=False,
            about={
                "arbiters/ArbiterAdapter.vy": (
                    "test_arbiter_adapter",
                    "test_arbiter_rulings",
                    "test_arbiter_credits",
                )
            },
            only=("test_arbiter_adapter", "test_arbiter_rulings", "test_arbiter_credits"),
        ),
    )
}
"""By their names."""
