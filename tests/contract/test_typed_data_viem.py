"""EIP-712 as three libraries and the contract compute it: on thousands of random messages."""

from __future__ import annotations

from typing import Any

import pytest

from milestone_escrow.messages import Voucher
from milestone_escrow.typed_data import digest
from tests.viem import compare as comparison
from tests.viem.compare import compare
from tests.viem.random_messages import messages
from tests.viem.wallet import viem

SIGN_EVERY = 101  # prime to the number of lengths, so that each length is signed


@pytest.mark.parametrize(
    ("kind", "count"),
    [("agreements", 10_000), ("vouchers", 1_000), ("settlements", 1_000), ("amendments", 1_000)],
)
def test_abuse_34_digests_and_signatures_are_those_of_eth_account_and_viem(
    kind: str, count: int
) -> None:
    compared = compare(kind, 0, count, SIGN_EVERY)
    assert compared.digests == count
    assert compared.signatures == -(-count // SIGN_EVERY)
    assert compared.at_contract == (count // 2 if kind == "agreements" else 0)


def test_every_number_of_milestones_is_among_them() -> None:
    lengths = {len(message.milestones) for message in messages("agreements", 0, 10)}  # type: ignore[union-attr]
    assert lengths == {*range(1, 11)}


def test_a_digest_that_differs_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(message: Any, where: Any) -> bytes:
        return digest(Voucher(message.deal, message.index, message.paid_total, 7), where)

    monkeypatch.setattr(comparison, "digest", wrong)
    with pytest.raises(AssertionError, match="the digest of eth-account: message 0 of"):
        compare("vouchers", 0, 1, 1)


def test_what_viem_refuses_is_an_error() -> None:
    with viem() as process, pytest.raises(ValueError, match="primary type"):
        next(process.ask([({"types": {}, "primaryType": "Voucher", "message": {}}, None)]))
