"""Digests and signatures of the library, eth-account, viem and the contract, on random messages."""

from __future__ import annotations

from typing import Final

from tests.verify.rows import Depth, Report, Row, Stopwatch, at_least, not_run
from tests.viem.compare import compare
from tests.viem.wallet import why_not

__all__ = ["measure"]

_SEED: Final = 1
_COUNTS: Final = {
    Depth.SHORT: {
        "agreements": 10_000,
        "vouchers": 1_000,
        "settlements": 1_000,
        "amendments": 1_000,
    },
    Depth.DEEP: {
        "agreements": 100_000,
        "vouchers": 10_000,
        "settlements": 10_000,
        "amendments": 10_000,
    },
}
_SIGN_EVERY: Final = {Depth.SHORT: 101, Depth.DEEP: 11}
_PART: Final = 2_500  # messages between two lines of progress; each part has a seed of its own


def measure(depth: Depth, report: Report) -> list[Row]:
    """Compare each kind of message."""
    return [_row(kind, count, depth, report) for kind, count in _COUNTS[depth].items()]


def _row(kind: str, count: int, depth: Depth, report: Report) -> Row:
    what = f"{kind} with one digest at the library, eth-account and viem"
    if why_not():
        return not_run("typed_data", what, count, kind, why_not(), depth)
    watch = Stopwatch()
    digests = signatures = at_contract = 0
    seeds = []
    for start in range(0, count, _PART):
        seeds.append(_SEED + start // _PART)
        compared = compare(kind, seeds[-1], min(_PART, count - start), _SIGN_EVERY[depth])
        digests += compared.digests
        signatures += compared.signatures
        at_contract += compared.at_contract
        report(f"{kind}: {digests:,} of {count:,}, {signatures:,} of them signed")
    what += f"; {signatures:,} with one signature"
    if at_contract:
        what += f"; {at_contract:,} at the contract"
    return at_least(
        "typed_data",
        what,
        digests,
        count,
        kind,
        watch=watch,
        depth=depth,
        seeds=f"{seeds[0]}..{seeds[-1]}",
    )
