"""What the API sends of accounts, of the contracts and of itself; the rest is in ``models``."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct

from frontend_bridge.api.models import (
    Address,
    Amount,
    ContractName,
    Hash,
    Number,
    Role,
    Token,
)

__all__ = [
    "Account",
    "Contract",
    "Credit",
    "ErrorItem",
    "EventType",
    "Figures",
    "Health",
    "Readiness",
    "Share",
    "Standing",
    "Timer",
]


# --- Accounts


class Share(Struct, frozen=True, kw_only=True):
    """A part of a whole, both counted."""

    part: Number
    whole: Number


class Figures(Struct, frozen=True, kw_only=True):
    """The record of the address in one role and token: counts, no score, and no proof."""

    role: Role
    token: Token
    deals: Number
    milestones: Number
    amount: Amount
    paid: Amount
    refunded: Amount
    earned: Amount
    completion: Share
    on_time: Share
    auto_released: Share
    disputed: Share
    disputes_opened: Number
    ruled: Share
    median_review_seconds: Number | None


class Standing(Struct, frozen=True, kw_only=True):
    """What milestones of deals with a role of the address hold, by token and status."""

    token: Token
    held: Amount
    final: Amount
    counts: dict[str, int]
    amounts: dict[str, Amount]


class Credit(Struct, frozen=True, kw_only=True):
    """What the address may fetch with ``withdraw_credit``."""

    token: Token
    amount: Amount


class Account(Struct, frozen=True, kw_only=True):
    """An address: its credits, what its deals hold, its record.

    ``complete`` is false where it has so many deals that only the newest were looked at.
    """

    address: Address
    deals: Number
    complete: bool
    credits: list[Credit]
    standing: list[Standing]
    figures: list[Figures]


# --- The contract


class Timer(Struct, frozen=True, kw_only=True):
    """A period that the contract or its clients know, in seconds."""

    name: str
    seconds: Number
    meaning: str


class ErrorItem(Struct, frozen=True, kw_only=True):
    """A custom error of a contract, and what it means."""

    name: str
    selector: str
    contract: ContractName
    sentence: str
    remedy: str


class EventType(Struct, frozen=True, kw_only=True):
    """An event of a contract."""

    name: str
    contract: ContractName
    signature: str
    topic: Hash


class Contract(Struct, frozen=True, kw_only=True):
    """All that a client needs to know of the contracts: where, how to call, what to sign."""

    chain_id: Number
    escrow: Address
    notes: Address | None
    from_block: Number
    confirmed_depth: Number
    domain: dict[str, Any]
    types: dict[str, list[dict[str, str]]]
    abi: dict[str, list[dict[str, Any]]]
    timers: list[Timer]
    errors: list[ErrorItem]
    events: list[EventType]


# --- Health


class Health(Struct, frozen=True, kw_only=True):
    """The process answers."""

    status: Literal["ok"]


class Readiness(Struct, frozen=True, kw_only=True):
    """Whether the answers may be believed to be level with the chain, and why not."""

    ready: bool
    why: str | None
    remedy: str
    code: str | None
    block: int | None
    head: int | None
    final: int | None
