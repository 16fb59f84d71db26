"""Every call of the escrow as data: who sends what, with how much of the native coin.

Nothing here asks a chain. A ``Call`` can be shown, simulated, signed by any wallet, or sent by
``milestone_escrow.client``. The builders are named as the contract's functions and take the same
arguments in the same order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from eth_abi.abi import encode
from eth_abi.exceptions import EncodingError
from eth_typing import ABIFunction
from eth_utils.abi import collapse_if_tuple, function_abi_to_4byte_selector

from milestone_escrow import artifacts
from milestone_escrow.abi_values import ZERO_ADDRESS, ZERO_HASH, to_address, to_bytes32
from milestone_escrow.agreement import Agreement
from milestone_escrow.exceptions import UsageError

__all__ = [
    "Allowance",
    "Call",
    "accept",
    "cancel",
    "claim",
    "encode_call",
    "fund",
    "pay_credit",
    "release",
    "release_part",
    "request_release",
    "void_request",
    "withdraw",
    "withdraw_credit",
]

ESCROW = "MilestoneEscrow"


@dataclass(frozen=True, slots=True)
class Allowance:
    """What the sender must allow the escrow to take before a call.

    Attributes:
        token: The ERC-20.
        amount: Raw units.
    """

    token: str
    amount: int


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the escrow.

    Attributes:
        name: The contract's function.
        sender: Who must send it, checksummed.
        data: The calldata.
        value: Wei of the native coin to send along.
        allowance: What the sender must have allowed before, if anything.
    """

    name: str
    sender: str
    data: bytes
    value: int = 0
    allowance: Allowance | None = None


@cache
def _function(contract: str, name: str) -> tuple[bytes, tuple[str, ...]]:
    """Return a function's selector and the ABI types of its arguments."""
    for entry in artifacts.load(contract).abi:
        if entry["type"] == "function" and entry["name"] == name:
            function: ABIFunction = entry  # type: ignore[assignment]
            types = tuple(collapse_if_tuple(argument) for argument in entry["inputs"])
            return function_abi_to_4byte_selector(function), types
    raise UsageError(
        f"{contract} has no function {name}.", "Check the name.", code="unknown-function"
    )


def encode_call(name: str, *arguments: Any, contract: str = ESCROW) -> bytes:
    """Return the calldata of a contract's function.

    Raises:
        UsageError: there is no such function (``unknown-function``), or it takes other arguments
            (``bad-arguments``).
    """
    selector, types = _function(contract, name)
    try:
        return selector + encode(types, arguments)
    except (EncodingError, ValueError, TypeError) as error:
        raise UsageError(
            f"{name} takes other arguments: {str(error).rstrip('.')}.",
            f"Give values of these types: {', '.join(types) or 'none'}.",
            code="bad-arguments",
        ) from error


def fund(
    agreement: Agreement,
    indexes: Sequence[int],
    signature: bytes = b"",
) -> Call:
    """The employer pays milestones in; the freelancer's signature, if given, binds the deal.

    Raises:
        UsageError: an index is not one of the agreement's (``bad-index``).
    """
    total = sum(_milestone_amount(agreement, index) for index in indexes)
    native = agreement.token == ZERO_ADDRESS
    return Call(
        name="fund",
        sender=agreement.employer,
        data=encode_call("fund", agreement.as_tuple(), list(indexes), signature),
        value=total if native else 0,
        allowance=None if native else Allowance(agreement.token, total),
    )


def accept(agreement: Agreement, indexes: Sequence[int]) -> Call:
    """The freelancer binds the deal, provided that all those milestones are funded."""
    return _on_indexes("accept", agreement.freelancer, agreement, indexes)


def withdraw(agreement: Agreement, indexes: Sequence[int]) -> Call:
    """The employer takes reserved money back, nobody being bound."""
    return _on_indexes("withdraw", agreement.employer, agreement, indexes)


def request_release(
    agreement: Agreement, indexes: Sequence[int], evidence: bytes = ZERO_HASH
) -> Call:
    """The freelancer asks for release; ``evidence`` is the hash of what shows the work."""
    return Call(
        name="request_release",
        sender=agreement.freelancer,
        data=encode_call(
            "request_release",
            agreement.as_tuple(),
            list(indexes),
            to_bytes32(evidence, "evidence", UsageError),
        ),
    )


def void_request(agreement: Agreement, indexes: Sequence[int]) -> Call:
    """The freelancer takes requests back."""
    return _on_indexes("void_request", agreement.freelancer, agreement, indexes)


def release(agreement: Agreement, indexes: Sequence[int]) -> Call:
    """The employer pays all that remains of milestones. Final."""
    return _on_indexes("release", agreement.employer, agreement, indexes)


def release_part(agreement: Agreement, index: int, amount: int) -> Call:
    """The employer pays a part of a milestone, ``amount`` raw units before the fee. Final."""
    return Call(
        name="release_part",
        sender=agreement.employer,
        data=encode_call("release_part", agreement.as_tuple(), index, amount),
    )


def claim(agreement: Agreement, indexes: Sequence[int], sender: str) -> Call:
    """Anyone pays the freelancer what remains of milestones whose review period has ended."""
    return _on_indexes("claim", _account(sender, "sender"), agreement, indexes)


def cancel(agreement: Agreement, indexes: Sequence[int]) -> Call:
    """The freelancer gives what remains of milestones back to the employer. Final."""
    return _on_indexes("cancel", agreement.freelancer, agreement, indexes)


def withdraw_credit(token: str, owner: str, to: str) -> Call:
    """The owner of a credit takes all of it, to any address but zero, the escrow and the token."""
    return Call(
        "withdraw_credit", _account(owner, "owner"), encode_call("withdraw_credit", token, to)
    )


def pay_credit(token: str, owner: str, sender: str) -> Call:
    """Anyone tries again to pay an owner its credit, to itself only."""
    return Call("pay_credit", _account(sender, "sender"), encode_call("pay_credit", token, owner))


def _account(value: str, path: str) -> str:
    return to_address(value, path, UsageError)


def _on_indexes(name: str, sender: str, agreement: Agreement, indexes: Sequence[int]) -> Call:
    return Call(name, sender, encode_call(name, agreement.as_tuple(), list(indexes)))


def _milestone_amount(agreement: Agreement, index: int) -> int:
    if not 0 <= index < len(agreement.milestones):
        raise UsageError(
            f"The agreement has no milestone {index}.",
            f"Give indexes from 0 to {len(agreement.milestones) - 1}.",
            code="bad-index",
        )
    return agreement.milestones[index].amount
