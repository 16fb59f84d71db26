"""The two storage words, bit by bit, against what the views tell of them."""

from __future__ import annotations

from random import Random

import pytest

from milestone_escrow.state import DealState, MilestoneState, Status
from tests.contract import consent
from tests.contract.scene import LAPSE, Scene
from tests.evm import reverts

# Of the tables in contracts/modules/packing.vy: first bit and width of each field.
DEAL = {
    "opened": (0, 1),
    "closed": (1, 1),
    "bound": (2, 1),
    "settled": (16, 10),
    "tracked": (32, 10),
    "last_activity": (48, 64),
    "funded": (112, 10),
}
MILESTONE = {"paid": (0, 128), "phase": (128, 2), "since": (136, 64)}


def pack(layout: dict[str, tuple[int, int]], **fields: int) -> int:
    word = 0
    for name, value in fields.items():
        first, width = layout[name]
        assert 0 <= value < 1 << width
        word |= value << first
    return word


def unpack(layout: dict[str, tuple[int, int]], word: int) -> dict[str, int]:
    fields = {name: word >> first & (1 << width) - 1 for name, (first, width) in layout.items()}
    assert pack(layout, **fields) == word, "a bit is set that no field has"
    return fields


def some(random: Random, width: int) -> int:
    """Return a value of so many bits, often the least or the greatest."""
    value: int = random.choice([0, 1, 2**width - 1, random.getrandbits(width)])
    return value


@pytest.mark.parametrize("seed", range(20))
def test_the_views_read_every_field_of_any_word(native: Scene, seed: int) -> None:
    random = Random(seed)
    deal_id = random.randbytes(32)
    deal = {name: some(random, width) for name, (_, width) in DEAL.items()}
    milestones = [
        {"paid": some(random, 128), "phase": random.randrange(3), "since": some(random, 64)}
        for _ in range(10)
    ]
    native.escrow.set_deal_word(deal_id, pack(DEAL, **deal))
    for index, milestone in enumerate(milestones):
        native.escrow.set_milestone_word(deal_id, index, pack(MILESTONE, **milestone))

    assert native.escrow.deal(deal_id) == DealState(
        bool(deal["opened"]),
        bool(deal["closed"]),
        bool(deal["bound"]),
        deal["funded"],
        deal["settled"],
        deal["last_activity"],
    )
    for index, milestone in enumerate(milestones):
        bit = 1 << index
        status = Status.AGREED
        if deal["settled"] & bit:
            status = Status.SETTLED
        elif deal["funded"] & bit:
            status = Status(
                Status.FUNDED + milestone["phase"] if deal["bound"] else Status.RESERVED
            )
        assert native.escrow.milestone(deal_id, index) == MilestoneState(
            status, milestone["paid"], milestone["since"]
        )


def test_the_words_hold_what_happened(native: Scene) -> None:
    agreement = native.agreement(milestones=[(1_000, 1_000_000)] * 10)
    escrow = native.escrow
    escrow.fund(agreement, (0, 3, 9))
    assert unpack(DEAL, escrow.deal_word(agreement)) == {
        "opened": 1,
        "closed": 0,
        "bound": 0,
        "funded": 0b10_0000_1001,
        "settled": 0,
        "tracked": 0,
        "last_activity": 0,
    }
    escrow.accept(agreement, (0,))
    escrow.fund(agreement, (5,))
    escrow.request_release(agreement, (9,))
    asked = native.chain.now
    escrow.release_part(agreement, 3, 999)
    escrow.release_part(agreement, 9, 1)
    native.chain.now = agreement.final_deadline + LAPSE - 1
    escrow.release(agreement, (0,))
    assert unpack(DEAL, escrow.deal_word(agreement)) == {
        "opened": 1,
        "closed": 0,
        "bound": 1,
        "funded": 0b10_0010_1001,
        "settled": 0b00_0000_0001,
        "tracked": 0b10_0000_1000,
        "last_activity": native.chain.now,
    }
    words = {index: escrow.milestone_word(agreement, index) for index in range(10)}
    assert {index: unpack(MILESTONE, word) for index, word in words.items() if word} == {
        3: {"paid": 999, "phase": 0, "since": 0},
        9: {"paid": 1, "phase": 1, "since": asked},
    }


def test_a_later_activity_replaces_the_earlier(native: Scene) -> None:
    agreement = native.bound((0, 1))
    # All ones, then a time with other bits: nothing of the first may shine through.
    native.chain.now = agreement.final_deadline | 0xFFFFF
    native.escrow.cancel(agreement, (0,))
    assert native.escrow.deal(agreement).last_activity == native.chain.now
    native.chain.now = (native.chain.now & ~0xFFFFF) + 0x100000
    before = unpack(DEAL, native.escrow.deal_word(agreement))
    native.escrow.request_release(agreement, (1,))
    after = unpack(DEAL, native.escrow.deal_word(agreement))
    assert after == before | {"last_activity": native.chain.now, "tracked": 0b10}


def test_a_closed_deal_has_settled_all_that_it_held_and_tracks_nothing(native: Scene) -> None:
    terms = {"milestones": [(1_000, 1_000_000)] * 10}
    agreement = native.requested(range(10), **terms)
    assert unpack(DEAL, native.escrow.deal_word(agreement))["tracked"] == 0b11_1111_1111
    consent.amend(native, agreement, consent.successor(native, agreement, **terms), range(10))
    assert unpack(DEAL, native.escrow.deal_word(agreement)) == {
        "opened": 1,
        "closed": 1,
        "bound": 1,
        "funded": 0b11_1111_1111,
        "settled": 0b11_1111_1111,
        "tracked": 0,
        "last_activity": 0,
    }
    assert not any(native.words(agreement)[1:])


@pytest.mark.parametrize("index", [0, 9])
def test_a_milestones_bits_are_its_own(native: Scene, index: int) -> None:
    agreement = native.agreement(milestones=[(1_000, 1_000_000)] * 10)
    native.escrow.fund(agreement, range(10))
    native.escrow.accept(agreement, (0,))
    before = unpack(DEAL, native.escrow.deal_word(agreement))
    native.escrow.release_part(agreement, index, 1)
    tracked = unpack(DEAL, native.escrow.deal_word(agreement))
    assert tracked == before | {"tracked": 1 << index}
    native.escrow.cancel(agreement, (index,))
    settled = unpack(DEAL, native.escrow.deal_word(agreement))
    assert settled == before | {"settled": 1 << index}
    assert not any(native.words(agreement)[1:])


def test_no_index_beyond_the_milestones_finds_a_bit_of_another_field(native: Scene) -> None:
    agreement = native.agreement(milestones=[(1_000, 1_000_000)] * 10)
    escrow = native.escrow
    escrow.fund(agreement, range(10))
    deal_id = escrow.id_of(agreement)
    # Every bit of every field, but for two milestones that hold money.
    full = {name: (1 << width) - 1 for name, (_, width) in DEAL.items()}
    full |= {"closed": 0, "settled": 0b11_1111_1100, "tracked": 0}
    for word in (full, full | {"tracked": 0b11, "last_activity": 0}, full | {"settled": 0}):
        escrow.set_deal_word(deal_id, pack(DEAL, **word))
        for index in (*range(10, 260), 2**128, 2**256 - 112, 2**256 - 1):
            for call in (escrow.release, escrow.cancel, escrow.claim):
                with reverts("BadIndex"):
                    call(agreement, (index,))
