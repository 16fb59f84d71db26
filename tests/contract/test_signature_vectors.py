"""Signatures made by stated rules: the contract, the escrow and the library all take the same."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from milestone_escrow.exceptions import ContractRevert
from milestone_escrow.typed_data import verify_agreement
from tests.contract.forgeries import ORDER
from tests.contract.scene import Scene, signature_of
from tests.contract.signature_checks import checker, disagreements, listed
from tests.contract.signature_rules import TABLE, bit_flips, forms, lengths, table, vectors
from tests.evm import Contract


@pytest.fixture(scope="module")
def check() -> Contract:
    return checker()


def test_the_table_is_what_the_rules_make() -> None:
    assert TABLE.read_text(encoding="utf-8") == table(vectors()), (
        "python -m tests.contract.signature_rules writes it"
    )


def test_abuse_27_28_contract_and_library_take_what_the_table_says(check: Contract) -> None:
    some = listed()
    assert disagreements(check, some) == (len(some), [])
    assert Counter(vector.counts for vector in some)[True] > 50
    assert len(some) > 400


def test_abuse_27_a_signature_has_65_bytes_and_no_other_length(check: Contract) -> None:
    assert disagreements(check, lengths()) == (1_026, [])


def test_abuse_27_each_bit_matters(check: Contract) -> None:
    assert disagreements(check, bit_flips()) == (65 * 8 + 256, [])


def test_a_wrong_expectation_is_seen(check: Contract) -> None:
    good, *_ = listed()
    count, wrong = disagreements(check, [good, replace(good, counts=not good.counts)])
    assert count == 2
    assert len(wrong) == 1 and wrong[0].startswith("the contract True, the library True: ")


def test_abuse_27_28_the_escrow_takes_no_other_form(native: Scene) -> None:
    agreement = native.agreement()
    good = signature_of(agreement, native.escrow.domain)
    assert int.from_bytes(good[32:64]) <= ORDER // 2
    tried = 0
    for rule, signature in forms(good):
        with pytest.raises(ContractRevert) as refused:
            native.escrow.fund(agreement, (0,), signature)
        assert refused.value.error == "BadSignature", rule
        assert not verify_agreement(agreement, native.escrow.domain, signature), rule
        tried += 1
    assert tried > 50
    native.escrow.fund(agreement, (0,), good)
    assert native.escrow.deal(agreement).bound
