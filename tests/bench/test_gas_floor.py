"""What a dispute costs before anything is executed: the sums that the bench's page names."""

from __future__ import annotations

import re
from typing import Final

import pytest
from web3.types import TxData, TxReceipt

from bench.gas import GOALS
from bench.gas_chain import on_anvil
from bench.gas_rows import ROWS
from milestone_escrow import artifacts
from tests.compiled import ROOT

# The gas schedule of the chain
TRANSACTION: Final = 21_000
ZERO_BYTE, OTHER_BYTE = 4, 16
LOG, TOPIC, LOGGED_BYTE = 375, 375, 8
COLD_READ: Final = 2_100  # of a word: the first touch of it in a transaction
FRESH_WORD: Final = COLD_READ + 20_000
OTHER_WORD: Final = COLD_READ + 2_900  # a word that is there already gets another value
SAME_WORD: Final = COLD_READ + 100  # it is written as it is

Sent = tuple[TxData, TxReceipt]


@pytest.fixture(scope="module")
def disputes() -> dict[str, Sent]:
    """Return the disputes of the bench, by the names of their rows."""
    with on_anvil(artifacts.load("MilestoneEscrow")) as chain:
        return {
            row.name: chain.sent(row, "native")[0]
            for row in ROWS
            if row.name in ("dispute", "dispute requested")
        }


def calldata(sent: Sent) -> int:
    data = bytes(sent[0]["input"])
    zeros = data.count(0)
    return ZERO_BYTE * zeros + OTHER_BYTE * (len(data) - zeros)


def logs(sent: Sent) -> list[int]:
    return [
        LOG + TOPIC * len(log["topics"]) + LOGGED_BYTE * len(log["data"]) for log in sent[1]["logs"]
    ]


def test_a_dispute_without_a_request_cannot_meet_the_goal_of_one_that_finds_its_record(
    disputes: dict[str, Sent],
) -> None:
    fresh, found = disputes["dispute"], disputes["dispute requested"]
    least = TRANSACTION + calldata(fresh) + FRESH_WORD + OTHER_WORD + sum(logs(fresh))
    least_found = TRANSACTION + calldata(found) + OTHER_WORD + SAME_WORD + sum(logs(found))
    used, used_found = fresh[1]["gasUsed"], found[1]["gasUsed"]
    goal = GOALS["dispute requested"]["native"].gas
    assert goal < used
    # What is left for execution is less than the same work executes where the record is found.
    assert 0 < goal - least < used_found - least_found < used - least
    events = logs(fresh)
    assert figures("bench/README.md") == [
        TRANSACTION,
        calldata(fresh),
        len(fresh[0]["input"]),
        FRESH_WORD,
        OTHER_WORD,
        *events,
        least,
        goal - least,
        goal,
        used_found - least_found,
        used,
    ]
    assert figures("docs/contract/dispute.md") == [
        FRESH_WORD,
        TRANSACTION,
        calldata(fresh),
        OTHER_WORD,
        sum(events),
        least,
        used,
        goal,
        used_found,
    ]


def figures(page: str) -> list[int]:
    """Return the figures of what a page says of a dispute without a request."""
    text = (ROOT / page).read_text(encoding="utf-8")
    (said,) = re.findall(r"^(?:- )?Without a request the.*?(?=\n- |\n\n)", text, re.M | re.S)
    return [int(figure.replace(",", "")) for figure in re.findall(r"\d[\d,]*\d", said)]
