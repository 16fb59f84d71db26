"""Calls as data: who sends what, with how much."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pytest
from eth_abi.abi import decode
from eth_typing import ABIFunction
from eth_utils.abi import collapse_if_tuple, function_abi_to_4byte_selector

from milestone_escrow import artifacts, calls
from milestone_escrow.abi_values import ZERO_ADDRESS, ZERO_HASH
from milestone_escrow.agreement import Agreement
from milestone_escrow.calls import Allowance, Call
from milestone_escrow.exceptions import UsageError
from tests.library.agreements import EMPLOYER, FREELANCER, PAYEE, TOKEN, sound

STRUCT = sound().as_tuple()
FUNDED = sound(token=TOKEN)
EVIDENCE = b"\xee" * 32
SIGNATURE = b"\x01\x02"

# Builder, sender, arguments
PERMIT = calls.Permit(9, 27, EVIDENCE, EVIDENCE[::-1])

CALLS: dict[str, tuple[Callable[[Agreement], Call], str, tuple[Any, ...]]] = {
    "fund": (lambda a: calls.fund(a, [1, 0], b"\x01"), EMPLOYER, (STRUCT, (1, 0), b"\x01")),
    "accept": (lambda a: calls.accept(a, [0]), FREELANCER, (STRUCT, (0,))),
    "withdraw": (lambda a: calls.withdraw(a, [0]), EMPLOYER, (STRUCT, (0,))),
    "request_release": (
        lambda a: calls.request_release(a, [0, 1], EVIDENCE),
        FREELANCER,
        (STRUCT, (0, 1), EVIDENCE),
    ),
    "void_request": (lambda a: calls.void_request(a, [1]), FREELANCER, (STRUCT, (1,))),
    "release": (lambda a: calls.release(a, [0]), EMPLOYER, (STRUCT, (0,))),
    "release_part": (lambda a: calls.release_part(a, 1, 2), EMPLOYER, (STRUCT, 1, 2)),
    "claim": (lambda a: calls.claim(a, [0], PAYEE), PAYEE, (STRUCT, (0,))),
    "cancel": (lambda a: calls.cancel(a, [0]), FREELANCER, (STRUCT, (0,))),
    "withdraw_credit": (
        lambda a: calls.withdraw_credit(TOKEN, EMPLOYER, PAYEE),
        EMPLOYER,
        (TOKEN, PAYEE),
    ),
    "pay_credit": (
        lambda a: calls.pay_credit(TOKEN, EMPLOYER, PAYEE),
        PAYEE,
        (TOKEN, EMPLOYER),
    ),
    "fund_with_permit": (
        lambda a: calls.fund_with_permit(FUNDED, [1], SIGNATURE, PERMIT),
        EMPLOYER,
        (FUNDED.as_tuple(), (1,), SIGNATURE, 9, 27, EVIDENCE, EVIDENCE[::-1]),
    ),
    "amend": (
        lambda a: calls.amend(a, FUNDED, [0, 1], 7, 9, SIGNATURE),
        EMPLOYER,
        (STRUCT, FUNDED.as_tuple(), (0, 1), 9, SIGNATURE),
    ),
    "redeem": (
        lambda a: calls.redeem(a, 1, 5, 9, SIGNATURE, PAYEE),
        PAYEE,
        (STRUCT, 1, 5, 9, SIGNATURE),
    ),
    "dispute": (
        lambda a: calls.dispute(a, 1, FREELANCER, EVIDENCE),
        FREELANCER,
        (STRUCT, 1, EVIDENCE),
    ),
    "rule": (lambda a: calls.rule(a, 1, 5), sound().arbiter, (STRUCT, 1, 5)),
    "apply_fallback": (lambda a: calls.apply_fallback(a, 1, PAYEE), PAYEE, (STRUCT, 1)),
    "settle": (
        lambda a: calls.settle(a, [0, 1], [3, 4], 9, SIGNATURE, EMPLOYER),
        EMPLOYER,
        (STRUCT, (0, 1), (3, 4), 9, SIGNATURE),
    ),
    "settle_dormant": (
        lambda a: calls.settle_dormant(a, [1], PAYEE),
        PAYEE,
        (STRUCT, (1,)),
    ),
    "keep_alive": (lambda a: calls.keep_alive(a), EMPLOYER, (STRUCT,)),
}


def lowered(value: Any) -> Any:
    """Return a value with its addresses as the ABI's decoder writes them."""
    if isinstance(value, tuple):
        return tuple(lowered(item) for item in value)
    return value.lower() if isinstance(value, str) else value


@pytest.mark.parametrize("name", CALLS)
def test_a_call_is_the_contract_s_function_with_its_arguments(name: str) -> None:
    build, sender, arguments = CALLS[name]
    call = build(sound())
    assert (call.name, call.sender) == (name, sender)
    (entry,) = (
        entry
        for entry in artifacts.load("MilestoneEscrow").abi
        if entry["type"] == "function" and entry["name"] == name
    )
    function = cast(ABIFunction, entry)
    assert call.data[:4] == function_abi_to_4byte_selector(function)
    types = [collapse_if_tuple(argument) for argument in function["inputs"]]
    assert decode(types, call.data[4:]) == lowered(arguments)


def test_every_call_of_the_contract_that_changes_anything_is_there() -> None:
    changing = {
        entry["name"]
        for entry in artifacts.load("MilestoneEscrow").abi
        if entry["type"] == "function" and entry["stateMutability"] in ("payable", "nonpayable")
    }
    assert set(CALLS) == changing
    assert changing <= set(calls.__all__)


@pytest.mark.parametrize("name", CALLS)
def test_only_funding_brings_money(name: str) -> None:
    build, *_ = CALLS[name]
    coin, token = build(sound()), build(FUNDED)
    brought = {"fund": 1_000, "amend": 993}.get(name, 0)
    if (
        name != "amend"
    ):  # which here is from a deal in the coin to one in the token, whatever is asked
        assert (coin.value, coin.allowance) == (brought, None)
    assert (token.value, token.allowance) == (0, Allowance(TOKEN, brought) if brought else None)


def test_some_milestones_are_funded_with_their_sum() -> None:
    assert calls.fund(sound(), [1]).value == 400
    for index in (-1, 2):
        with pytest.raises(UsageError, match=f"no milestone {index}") as unknown:
            calls.fund(sound(), [index])
        assert unknown.value.code == "bad-index"


def test_without_evidence_the_hash_is_zero() -> None:
    call = calls.request_release(sound(), [0])
    assert call == calls.request_release(sound(), [0], ZERO_HASH)
    for evidence in (b"", b"\xee" * 31, b"\xee" * 33):
        with pytest.raises(UsageError, match=r"evidence is \d+ bytes, not 32"):
            calls.request_release(sound(), [0], evidence)


def test_what_the_types_do_not_hold_is_told() -> None:
    for wrong in (
        lambda: calls.release(sound(), [-1]),
        lambda: calls.release_part(sound(), 0, 2**256),
        lambda: calls.release(sound(), ["first"]),  # type: ignore[list-item]
        lambda: calls.pay_credit("0x12", EMPLOYER, PAYEE),
        lambda: calls.encode_call("deal"),
    ):
        with pytest.raises(UsageError, match="takes other arguments") as refused:
            wrong()
        assert refused.value.code == "bad-arguments"
    with pytest.raises(UsageError, match="no function demolish") as unknown:
        calls.encode_call("demolish")
    assert unknown.value.code == "unknown-function"


def test_a_sender_is_an_account() -> None:
    mixed = "0x" + "aB" * 20
    sends: tuple[Callable[[str], Call], ...] = (
        lambda sender: calls.claim(sound(), [0], sender),
        lambda sender: calls.pay_credit(ZERO_ADDRESS, EMPLOYER, sender),
        lambda sender: calls.withdraw_credit(ZERO_ADDRESS, sender, EMPLOYER),
    )
    for send in sends:
        assert send(mixed.lower()).sender != mixed.lower()  # it is checksummed
        with pytest.raises(UsageError):
            send("0x12")


def test_an_amendment_brings_what_does_not_move() -> None:
    old, new = sound(), sound(document=EVIDENCE)
    assert calls.amend(old, new, [0, 1], 400, 9).value == 600
    assert calls.amend(old, new, [1], 400, 9).value == 0
    assert calls.amend(old, new, [1], 1_000, 9).value == 0


def test_the_native_coin_takes_no_permit() -> None:
    with pytest.raises(UsageError, match="no permit"):
        calls.fund_with_permit(sound(), [0], b"", PERMIT)


def test_an_approval_is_a_call_of_the_token() -> None:
    call = calls.approve(TOKEN, EMPLOYER, PAYEE, 5)
    assert (call.name, call.sender, call.to, call.contract) == ("approve", EMPLOYER, TOKEN, "ERC20")
    assert call.data[:4].hex() == "095ea7b3"
    assert decode(["address", "uint256"], call.data[4:]) == (PAYEE, 5)
    assert (call.value, call.allowance) == (0, None)
