"""The audit finds no difference where there is none, and shows what was so at each block."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from milestone_escrow.agreement import ZERO_ADDRESS
from milestone_escrow.audit import CHECKS, audit, deal_at, deals_at, records, state_at
from milestone_escrow.audit.storage import (
    FIRST_SLOTS,
    deal_word,
    milestone_word,
    read_deal_word,
    read_milestone_word,
)
from milestone_escrow.event_types import (
    Funded,
    Opened,
)
from milestone_escrow.exceptions import NodeError, UnknownDeal, UsageError
from milestone_escrow.indexer import Indexer, Reader
from milestone_escrow.state import Status, fold
from tests.compiled import ESCROW, compiled
from tests.library.audited import Audited, Liar, played
from tests.postgres import Server


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Audited]:
    with played(tmp_path_factory.mktemp("audited")) as made:
        yield made


# --- No difference


def test_index_chain_and_money_agree(chain: Audited) -> None:
    report = chain.audit()
    assert report.difference is None
    assert [(check.name, check.result) for check in report.checks] == [
        (name, "ok") for name in CHECKS
    ]
    state = fold(chain.records)
    assert report.deals == len(state.deals)
    assert report.block_number == chain.records[-1].block_number
    assert report.block_hash == chain.records[-1].block_hash
    assert set(report.balances) == set(state.ledgers)
    for token, balance in report.balances.items():
        assert sum(report.owed[token]) == balance == state.held(token)
        closing = report.closings[token]
        assert (closing.paid_in, closing.paid_out) == (
            state.ledgers[token].paid_in,
            state.ledgers[token].paid_out,
        )
        assert closing.balance == balance


def test_each_line_goes_on_from_the_one_before(chain: Audited) -> None:
    held: dict[str, int] = {}
    for line in chain.audit().lines:
        assert line.balance == held.get(line.token, 0) + line.paid_in - line.paid_out
        assert line.paid_in >= 0
        assert line.paid_out >= 0
        held[line.token] = line.balance
        # What the contract holds is the sum of what its milestones and credits hold.
        if line.token == ZERO_ADDRESS:
            state = fold(r for r in chain.records if r.block_number <= line.block_number)
            assert line.balance == state.held(line.token)


def test_a_deal_of_its_own(chain: Audited) -> None:
    deal_id = chain.first(Funded, index=2).event.deal_id  # type: ignore[union-attr]
    report = chain.audit(deal=deal_id)
    deal = fold(chain.records).deals[deal_id]
    closing = report.closings[deal.token]
    assert report.difference is None
    assert report.deals == 1
    assert closing.paid_in == sum(each.amount for each in deal.milestones)
    assert closing.balance == deal.remaining
    assert {move.deal_id for line in report.lines for move in line.moves} == {deal_id}
    digits = deal_id.hex()[:10]
    assert chain.audit(deal=digits).closings == report.closings


def test_a_party_of_its_own(chain: Audited) -> None:
    opened = chain.first(Opened).event
    assert isinstance(opened, Opened)
    report = chain.audit(party=opened.employer)
    state = fold(chain.records)
    theirs = [
        deal
        for deal in state.deals.values()
        if opened.employer in (deal.employer, deal.freelancer, deal.agreement.arbiter)
    ]
    assert report.difference is None
    assert report.deals == len(theirs) > 1
    for token, closing in report.closings.items():
        assert closing.balance == sum(deal.remaining for deal in theirs if deal.token == token)
    nobody = chain.audit(party="0x" + "9" * 40)
    assert (nobody.difference, nobody.deals, nobody.closings) == (None, 0, {})


def test_at_every_block(chain: Audited) -> None:
    for block in sorted({record.block_number for record in chain.records}):
        report = chain.audit(at=block)
        before = [record for record in chain.records if record.block_number <= block]
        assert report.difference is None
        assert report.deals == len(fold(before).deals)
        last = block == chain.records[-1].block_number
        assert [c.name for c in report.checks if c.result != "ok"] == ([] if last else ["index"])


def test_without_a_node(chain: Audited) -> None:
    with Reader(chain.path) as reader:
        report = audit(reader, None)
    assert report.difference is None
    done = [check.name for check in report.checks if check.result == "ok"]
    assert done == ["events", "index", "statement"]
    assert {check.result for check in report.checks} == {"ok", "not done"}
    assert report.balances == {}


def test_a_block_that_is_not_indexed_is_refused(chain: Audited) -> None:
    for block in (chain.records[-1].block_number + 1, 10**9):
        with pytest.raises(UsageError, match="holds the blocks"):
            chain.audit(at=block)
    with pytest.raises(UnknownDeal):
        chain.audit(deal="0x" + "12" * 32)
    last = list(fold(chain.records).deals.values())[-1]
    with pytest.raises(UnknownDeal, match="not open at block"):
        chain.audit(deal=last.deal_id, at=last.opened_block - 1)


def test_a_node_that_is_behind_is_told(chain: Audited) -> None:
    with (
        Liar(chain.rpc_url, {"eth_getBlockByNumber": lambda *_: None}) as liar,
        pytest.raises(NodeError) as caught,
    ):
        chain.audit(rpc_url=liar.url)
    assert caught.value.code == "no-block"


def test_a_block_replaced_meanwhile_is_told(chain: Audited) -> None:
    last, asked = hex(chain.records[-1].block_number), 0

    def later_another(params: list[Any], block: Any) -> Any:
        nonlocal asked
        asked += params[0] == last
        # First for the audit's block, then among the blocks with events, then once more at the end.
        return block | {"hash": "0x" + "ab" * 32} if params[0] == last and asked == 3 else block

    with (
        Liar(chain.rpc_url, {"eth_getBlockByNumber": later_another}) as liar,
        pytest.raises(NodeError) as caught,
    ):
        chain.audit(rpc_url=liar.url)
    assert caught.value.code == "moved"


def test_an_index_in_postgresql(chain: Audited, postgres: Server) -> None:
    target = postgres.new_schema()
    with Indexer(chain.rpc_url, target, chain.escrow) as indexer:
        indexer.run_once()
    report = chain.audit(path=target)
    postgres.drop_schemas()
    assert {check.result for check in report.checks} == {"ok"}
    assert (report.closings, report.lines) == (chain.audit().closings, chain.audit().lines)


# --- Words and slots


def test_slots_are_the_compilers() -> None:
    assert compiled(ESCROW).layout == FIRST_SLOTS


def test_words_say_what_the_fold_does(chain: Audited) -> None:
    for deal in fold(chain.records).deals.values():
        word = read_deal_word(deal_word(deal))
        assert (word.opened, word.closed, word.bound) == (True, deal.closed, deal.bound)
        assert (word.funded, word.settled) == (deal.funded, deal.settled)
        assert word.last_activity == deal.last_activity
        for index, milestone in enumerate(deal.milestones):
            other = read_milestone_word(milestone_word(milestone))
            assert (other.paid, other.since) == (milestone.view().paid, milestone.view().since)
            assert bool(milestone_word(milestone)) == bool(word.tracked >> index & 1)
            if milestone.status in (Status.REQUESTED, Status.DISPUTED):
                assert other.phase == milestone.status.name.lower()
    for bad in (1 << 3, 1 << 26, 1 << 42, 1 << 122):
        with pytest.raises(ValueError, match="without a meaning"):
            read_deal_word(bad)
    for bad in (1 << 130, 3 << 128, 1 << 200):
        with pytest.raises(ValueError, match="without a meaning"):
            read_milestone_word(bad)


# --- As it was


def test_deals_as_they_were_are_the_fold_up_to_then(chain: Audited) -> None:
    with Reader(chain.path) as reader:
        for block in {record.block_number for record in chain.records}:
            expected = fold(r for r in chain.records if r.block_number <= block)
            assert state_at(reader, block) == expected
            assert list(deals_at(reader, block)) == list(expected.deals.values())
            assert list(records(reader, to_block=block)) == [
                record for record in chain.records if record.block_number <= block
            ]
            for deal_id, deal in expected.deals.items():
                assert deal_at(reader, deal_id, block) == deal
