"""What the words and numbers of nodes mean, as these and other nodes put them."""

from __future__ import annotations

from typing import Any

import pytest

from milestone_escrow.exceptions import ContractRevert, EscrowError, NodeError, NotEnoughFunds
from milestone_escrow.revert_sentences import selector
from milestone_escrow.rpc_errors import error_of

DATA = "0x" + selector("NotEmployer").hex()

FAILURES: list[tuple[dict[str, Any], type[EscrowError], str]] = [
    ({"code": 3, "message": "execution reverted", "data": DATA}, ContractRevert, "NotEmployer"),
    ({"code": -32603, "message": "x", "data": {"data": DATA}}, ContractRevert, "NotEmployer"),
    ({"message": "x", "data": {"data": {"data": DATA}}}, ContractRevert, "NotEmployer"),
    ({"message": "execution reverted", "data": "0x"}, ContractRevert, "NoReason"),
    ({"message": "Transaction reverted without a reason"}, ContractRevert, "NoReason"),
    ({"message": "execution reverted", "data": "Reverted"}, ContractRevert, "NoReason"),
    ({"message": "insufficient funds for gas * price + value"}, NotEnoughFunds, ""),
    ({"message": "Insufficient funds for gas * price + value"}, NotEnoughFunds, ""),
    ({"message": "insufficient funds for transfer", "data": "0x"}, NotEnoughFunds, ""),
    ({"message": "Sender doesn't have enough funds to send tx."}, NotEnoughFunds, ""),
    ({"code": -32602, "message": "No Signer available"}, NodeError, "node-refused"),
    ({"message": "nonce too low", "data": {"message": "nonce too low"}}, NodeError, "node-refused"),
    ({}, NodeError, "node-refused"),
]


@pytest.mark.parametrize(("failure", "kind", "code"), FAILURES)
def test_a_failure_becomes_the_library_s_error(
    failure: dict[str, Any], kind: type[EscrowError], code: str
) -> None:
    error = error_of(failure)
    assert type(error) is kind
    assert error.code == (code or kind.default_code)


def test_the_node_s_own_words_are_passed_on() -> None:
    assert "refused the call: nonce too low." in str(error_of({"message": "nonce too low."}))
    assert "it gave no reason" in str(error_of({}))
