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
    "Permit",
    "accept",
    "amend",
    "apply_fallback",
    "approve",
    "cancel",
    "claim",
    "dispute",
    "encode_call",
    "fund",
    "fund_with_permit",
    "keep_alive",
    "pay_credit",
    "redeem",
    "release",
    "release_part",
    "request_release",
    "rule",
    "settle",
    "settle_dormant",
    "void_request",
    "withdraw",
    "withdraw_credit",
]

ESCROW = "MilestoneEscrow"
NOTES = "DealNotes"
ERC20 = "ERC20"


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
class Permit:
    """An ERC-2612 signature that allows the escrow to take the sum of the milestones funded.

    Attributes:
        deadline: Unix seconds.
        v: 27 or 28.
        r: 32 bytes.
        s: 32 bytes.
    """

    deadline: int
    v: int
    r: bytes
    s: bytes


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the escrow, or of a contract beside it.

    Attributes:
        name: The contract's function.
        sender: Who must send it, checksummed.
        data: The calldata.
        value: Wei of the native coin to send along.
        allowance: What the sender must have allowed before, if anything.
        contract: Whose function it is.
        to: Where that contract is; None: where the client knows the escrow and its notes to be.
    """

    name: str
    sender: str
    data: bytes
    value: int = 0
    allowance: Allowance | None = None
    contract: str = ESCROW
    to: str | None = None


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
    total = _sum(agreement, indexes)
    data = encode_call("fund", agreement.as_tuple(), list(indexes), signature)
    return _paying("fund", agreement, total, data)


def fund_with_permit(
    agreement: Agreement, indexes: Sequence[int], signature: bytes, permit: Permit
) -> Call:
    """``fund`` in a token with the employer's ERC-2612 permit instead of an approval.

    Raises:
        UsageError: an index is not one of the agreement's (``bad-index``), or the agreement is in
            the native coin (``no-permit``).
    """
    if agreement.token == ZERO_ADDRESS:
        raise UsageError("The native coin takes no permit.", "Use fund instead.", code="no-permit")
    _sum(agreement, indexes)
    data = encode_call(
        "fund_with_permit",
        agreement.as_tuple(),
        list(indexes),
        signature,
        permit.deadline,
        permit.v,
        permit.r,
        permit.s,
    )
    return Call("fund_with_permit", agreement.employer, data)


def amend(
    old: Agreement,
    new: Agreement,
    indexes: Sequence[int],
    moved: int,
    expiry: int,
    signature: bytes = b"",
) -> Call:
    """The employer replaces a deal by another: an award, a change of terms or of scope.

    Args:
        old: The agreement of an open deal.
        new: The agreement that supersedes it.
        indexes: Milestones of ``new`` that are funded, for at least what moves.
        moved: Raw units that ``old`` still holds; the employer pays the rest.
        expiry: Unix seconds.
        signature: The freelancer's: over ``new`` if nobody is bound to ``old`` (or none), else
            over the ``Amendment``.

    Raises:
        UsageError: an index is not one of the new agreement's (``bad-index``).
    """
    total = _sum(new, indexes)
    data = encode_call("amend", old.as_tuple(), new.as_tuple(), list(indexes), expiry, signature)
    return _paying("amend", new, max(total - moved, 0), data)


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


def redeem(
    agreement: Agreement,
    index: int,
    paid_total: int,
    expiry: int,
    signature: bytes,
    sender: str,
) -> Call:
    """Anyone has the employer's voucher paid: ``paid_total``, less what was paid before."""
    data = encode_call("redeem", agreement.as_tuple(), index, paid_total, expiry, signature)
    return Call("redeem", _account(sender, "sender"), data)


def cancel(agreement: Agreement, indexes: Sequence[int]) -> Call:
    """The freelancer gives what remains of milestones back to the employer. Final."""
    return _on_indexes("cancel", agreement.freelancer, agreement, indexes)


def dispute(agreement: Agreement, index: int, sender: str, reason: bytes = ZERO_HASH) -> Call:
    """A party freezes a milestone for the arbiter; ``reason`` is the hash of the complaint."""
    return Call(
        "dispute",
        _account(sender, "sender"),
        encode_call(
            "dispute", agreement.as_tuple(), index, to_bytes32(reason, "reason", UsageError)
        ),
    )


def rule(agreement: Agreement, index: int, freelancer_amount: int) -> Call:
    """The arbiter gives the freelancer an amount, before the fee, and the employer the rest."""
    return Call(
        "rule",
        agreement.arbiter,
        encode_call("rule", agreement.as_tuple(), index, freelancer_amount),
    )


def apply_fallback(agreement: Agreement, index: int, sender: str) -> Call:
    """Anyone ends a dispute that nobody ruled in time, by the split that was agreed on."""
    return Call(
        "apply_fallback",
        _account(sender, "sender"),
        encode_call("apply_fallback", agreement.as_tuple(), index),
    )


def settle(
    agreement: Agreement,
    indexes: Sequence[int],
    freelancer_amounts: Sequence[int],
    expiry: int,
    signature: bytes,
    sender: str,
) -> Call:
    """One party splits milestones as the other signed in a ``Settlement``. Final."""
    data = encode_call(
        "settle",
        agreement.as_tuple(),
        list(indexes),
        list(freelancer_amounts),
        expiry,
        signature,
    )
    return Call("settle", _account(sender, "sender"), data)


def settle_dormant(agreement: Agreement, indexes: Sequence[int], sender: str) -> Call:
    """Anyone gives what a lapsed deal holds, and nobody asked for, back to the employer."""
    return _on_indexes("settle_dormant", _account(sender, "sender"), agreement, indexes)


def keep_alive(agreement: Agreement) -> Call:
    """The employer records activity after the final deadline."""
    return Call("keep_alive", agreement.employer, encode_call("keep_alive", agreement.as_tuple()))


def withdraw_credit(token: str, owner: str, to: str) -> Call:
    """The owner of a credit takes all of it, to any address but zero, the escrow and the token."""
    return Call(
        "withdraw_credit", _account(owner, "owner"), encode_call("withdraw_credit", token, to)
    )


def pay_credit(token: str, owner: str, sender: str) -> Call:
    """Anyone tries again to pay an owner its credit, to itself only."""
    return Call("pay_credit", _account(sender, "sender"), encode_call("pay_credit", token, owner))


def approve(token: str, owner: str, spender: str, amount: int) -> Call:
    """The owner of tokens allows ``spender`` to take ``amount`` raw units of them."""
    return Call(
        "approve",
        _account(owner, "owner"),
        # The compiled token of the test chains has the standard's function.
        encode_call("approve", spender, amount, contract="TestToken"),
        contract=ERC20,
        to=_account(token, "token"),
    )


def _account(value: str, path: str) -> str:
    return to_address(value, path, UsageError)


def _on_indexes(name: str, sender: str, agreement: Agreement, indexes: Sequence[int]) -> Call:
    return Call(name, sender, encode_call(name, agreement.as_tuple(), list(indexes)))


def _paying(name: str, agreement: Agreement, amount: int, data: bytes) -> Call:
    """Return the employer's call that pays ``amount`` raw units in."""
    if agreement.token == ZERO_ADDRESS:
        return Call(name, agreement.employer, data, value=amount)
    allowance = Allowance(agreement.token, amount) if amount else None
    return Call(name, agreement.employer, data, allowance=allowance)


def _sum(agreement: Agreement, indexes: Sequence[int]) -> int:
    return sum(_milestone_amount(agreement, index) for index in indexes)


def _milestone_amount(agreement: Agreement, index: int) -> int:
    if not 0 <= index < len(agreement.milestones):
        raise UsageError(
            f"The agreement has no milestone {index}.",
            f"Give indexes from 0 to {len(agreement.milestones) - 1}.",
            code="bad-index",
        )
    return agreement.milestones[index].amount
