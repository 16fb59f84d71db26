from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from milestone_escrow.agreement import ZERO_ADDRESS
from milestone_escrow.exceptions import StoreError, UnknownDeal, UsageError
from milestone_escrow.indexer import Reader, Store, open_reader
from milestone_escrow.indexer.sync import Finalize
from milestone_escrow.state import State, fold
from tests.library.batches import IDENTITY, batch, fill
from tests.library.indexing import history
from tests.library.plausible_escrow import TOKENS, PlausibleEscrow


@pytest.fixture
def filled(target: Path | str) -> Iterator[tuple[Reader, PlausibleEscrow]]:
    escrow = history(300)
    fill(target, escrow)
    with open_reader(target) as reader:
        yield reader, escrow


Filled = tuple[Reader, PlausibleEscrow]


def test_reads_a_deal_by_the_beginning_of_its_id(filled: Filled) -> None:
    reader, escrow = filled
    deal = fold(escrow.records).deals[escrow.deals[3].deal_id]
    digits = deal.deal_id.hex()
    for key in (
        deal.deal_id,
        digits,
        "0x" + digits,
        digits.upper(),
        digits[:9],
        "0x" + digits[:10],
    ):
        assert reader.deal(key) == deal
    with pytest.raises(UsageError) as caught:
        reader.deal(digits[:1])
    assert caught.value.code == "ambiguous"
    other = "0" if digits[8] != "0" else "1"
    with pytest.raises(UnknownDeal):
        reader.deal(digits[:8] + other + digits[9:])
    for key in ("", "0x", "xyz", digits + "0", "0x" + "g" * 64, " " * 64):
        with pytest.raises(UsageError, match="not the id"):
            reader.deal(key)


def test_reads_deals(filled: Filled) -> None:
    reader, escrow = filled
    state = fold(escrow.records)
    deals = list(state.deals.values())
    assert reader.deals(limit=1_000) == deals
    assert reader.deals(limit=3) == deals[:3]
    assert reader.deals(after=deals[2].deal_id, limit=2) == deals[3:5]
    assert reader.deals(token=TOKENS[1], limit=1_000) == [d for d in deals if d.token == TOKENS[1]]
    with pytest.raises(UnknownDeal):
        reader.deals(after=b"\0" * 32)
    for role in ("employer", "freelancer", "arbiter"):
        party = next(
            address for deal in deals if (address := getattr(deal.agreement, role)) != ZERO_ADDRESS
        )
        theirs = [
            deal
            for deal in deals
            if party in (deal.employer, deal.freelancer, deal.agreement.arbiter)
        ]
        assert reader.deals(party=party.lower(), limit=1_000) == theirs
    with pytest.raises(UsageError, match="not an address"):
        reader.deals(party="0x12")


def test_reads_events(filled: Filled) -> None:
    reader, escrow = filled
    assert reader.events(limit=10_000) == escrow.records
    assert reader.events(limit=5) == escrow.records[:5]
    tenth = escrow.records[9]
    after = reader.events(after=(tenth.block_number, tenth.log_index), limit=7)
    assert after == escrow.records[10:17]
    deal_id = escrow.deals[4].deal_id
    assert reader.events(deal=deal_id.hex()[:12]) == [
        record for record in escrow.records if getattr(record.event, "deal_id", None) == deal_id
    ]


def test_reads_money_and_place(filled: Filled) -> None:
    reader, escrow = filled
    state = fold(escrow.records)
    assert reader.credits() == state.credits == dict(escrow.credits)
    owner = next(iter(state.credits))[1]
    assert reader.credits(owner.lower()) == {
        key: amount for key, amount in state.credits.items() if key[1] == owner
    }
    assert reader.ledgers() == state.ledgers
    assert reader.time() == escrow.records[-1].timestamp
    assert reader.identity == IDENTITY
    assert reader.count_events() == (len(escrow.records), 0)
    assert reader.final_block() is None


def test_a_reader_sees_each_commit_and_writes_nothing(target: Path | str) -> None:
    escrow = history(50)
    with Store(target, IDENTITY) as store, Reader(target) as reader:
        assert reader.state() == State()
        assert reader.time() is None
        store.apply(batch(escrow.records, 0, escrow.block))
        assert reader.state() == fold(escrow.records)
        store.apply(Finalize(7))
        assert reader.final_block() == 7
        with (
            pytest.raises(StoreError, match=r"read-?only"),
            reader._db.errors(),
        ):
            reader._db.execute("DELETE FROM events")
