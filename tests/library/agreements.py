"""Agreements for tests: one that everybody would sign, and strategies for all others."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from milestone_escrow.agreement import DAY, MAX_AMOUNT, ZERO_ADDRESS, Agreement, Milestone

NOW = 1_800_000_000
EMPLOYER = "0x" + "11" * 20
FREELANCER = "0x" + "22" * 20
PAYEE = "0x" + "33" * 20
ARBITER = "0x" + "44" * 20
PLATFORM = "0x" + "55" * 20
TOKEN = "0x" + "66" * 20
DOCUMENT = bytes(range(32))


def sound(**changes: Any) -> Agreement:
    """Return an agreement that the contract opens at NOW, but for ``changes``.

    ``milestones`` may be given as pairs; the price follows them unless it is given too.
    """
    price = changes.pop("price", None)
    terms: dict[str, Any] = {
        "employer": EMPLOYER,
        "freelancer": FREELANCER,
        "payee": PAYEE,
        "arbiter": ARBITER,
        "platform": PLATFORM,
        "fee_bps": 250,
        "arbiter_bps": 100,
        "accept_by": NOW + 5 * DAY,
        "document": DOCUMENT,
        "milestones": [(600, NOW + 10 * DAY), (400, NOW + 20 * DAY)],
    }
    agreement = Agreement.build(**terms | changes)
    if price is None:
        return agreement
    return Agreement.from_json(agreement.to_json() | {"price": str(price)})


addresses = st.binary(min_size=20, max_size=20).map(lambda raw: "0x" + raw.hex())
uint256s = st.integers(0, 2**256 - 1)
hashes = st.binary(min_size=32, max_size=32)

any_agreements = st.builds(
    Agreement,
    *[addresses] * 6,
    *[uint256s] * 7,
    *[hashes] * 2,
    st.lists(st.builds(Milestone, uint256s, uint256s), max_size=10).map(tuple),
)
"""Whatever fits the type, sense or nonsense."""


def near(*limits: int) -> st.SearchStrategy[int]:
    """Return a strategy for values at, just below and just above limits, within the type."""
    around = {limit + step for limit in limits for step in (-1, 0, 1)}
    return st.sampled_from(sorted(value for value in around if 0 <= value < 2**256))


@st.composite
def doubtful_agreements(draw: st.DrawFn, escrow: str) -> Agreement:
    """Return agreements with most values sound and some at or over a limit, to be opened at NOW."""
    someone = st.sampled_from([ZERO_ADDRESS, EMPLOYER, FREELANCER, ARBITER, TOKEN, escrow])
    deadlines = near(0, NOW, NOW + DAY, NOW + 3650 * DAY)
    amounts = st.one_of(near(1), st.just(MAX_AMOUNT), near(MAX_AMOUNT, 2**250))
    doubts = {
        "freelancer": someone,
        "payee": someone,
        "arbiter": someone,
        "platform": someone,
        "token": st.just(TOKEN),
        "fee_bps": near(0, 1000),
        "arbiter_bps": near(0, 1000),
        "accept_by": near(NOW, NOW + DAY, NOW + 10 * DAY, NOW + 20 * DAY),
        "review_period": near(3 * DAY, 180 * DAY),
        "ruling_period": near(3 * DAY, 365 * DAY),
        "fallback_freelancer_bps": near(0, 10_000),
        "supersedes": st.just(DOCUMENT),
        "price": near(1000),
        "milestones": st.lists(st.tuples(amounts, deadlines), max_size=3),
    }
    chosen = draw(st.sets(st.sampled_from(sorted(doubts)), max_size=4))
    return sound(**{name: draw(doubts[name]) for name in sorted(chosen)})
