"""What the API sends: every answer is one of these, and the OpenAPI document is made of them.

Amounts are exact: ``raw`` is the integer in the token's smallest units as a decimal string, never a
JSON number. Times are those of the chain.
"""

from __future__ import annotations

from typing import Annotated, Any, Generic, Literal, TypeVar

from msgspec import Meta, Struct

__all__ = [
    "ActionItem",
    "Actions",
    "Address",
    "Agreement",
    "AgreementMilestone",
    "Amount",
    "Answer",
    "Block",
    "ContractName",
    "Deal",
    "DealSummary",
    "EventItem",
    "Finality",
    "Hash",
    "Ledger",
    "LedgerEntry",
    "LiveEvent",
    "Milestone",
    "Moment",
    "Number",
    "NumberedBlock",
    "Page",
    "Problem",
    "Role",
    "Ruling",
    "Time",
    "Token",
]

T = TypeVar("T")

Address = Annotated[str, Meta(pattern="^0x[0-9a-fA-F]{40}$", description="Checksummed address.")]
Hash = Annotated[str, Meta(pattern="^0x[0-9a-f]{64}$", description="32 bytes.")]
Integer = Annotated[str, Meta(pattern="^(0|[1-9][0-9]*)$", description="An exact integer.")]
Number = Annotated[int, Meta(ge=0)]
Finality = Literal["pending", "confirmed", "final"]
"""``final``: cannot be replaced any more. ``confirmed``: under six blocks or more. Else pending."""

Kind = Literal["event", "reverted", "final"]
ContractName = Literal["MilestoneEscrow", "DealNotes"]
Role = Literal["employer", "freelancer", "arbiter"]
DealWord = Literal["open", "active", "dormant", "lapsed", "ended", "settled", "closed"]
State = Literal["agreed", "reserved", "funded", "requested", "disputed", "settled"]
Outcome = Literal["released", "cancelled", "split", "ruled", "fallback", "returned", "moved"]
MilestoneWord = Literal[
    "agreed",
    "pending",
    "reserved",
    "funded",
    "dormant",
    "lapsed",
    "requested",
    "overdue",
    "claimable",
    "disputed",
    "ruling_late",
    "released",
    "cancelled",
    "split",
    "ruled",
    "fallback",
    "returned",
    "moved",
]


# --- The small ones
#
# Of times and amounts many are kept, and nothing in them can be a cycle: the collector of cycles
# need not look at them.


class Time(Struct, frozen=True, kw_only=True, gc=False):
    """A moment of the chain: unix seconds, and as ISO 8601 in UTC (null after year 9999)."""

    unix: Number
    iso: str | None


class Amount(Struct, frozen=True, kw_only=True, gc=False):
    """An exact amount: raw units, and the same in whole tokens where the decimals are known."""

    raw: Integer
    value: str | None
    token: Address
    decimals: Number | None


class Token(Struct, frozen=True, kw_only=True):
    """A currency: symbol and decimals are what it says of itself, null where it was not asked."""

    address: Address
    symbol: str | None
    decimals: Number | None


class Block(Struct, frozen=True, kw_only=True):
    """The block at whose end the answer is true. ``final_number`` is the last final block."""

    number: int
    hash: Hash | None
    time: Time | None
    finality: Finality
    final_number: int | None
    chain_id: Number


class NumberedBlock(Struct, frozen=True, kw_only=True):
    """Where a log stands."""

    number: Number
    log_index: Number


class Answer(Struct, Generic[T], frozen=True, kw_only=True):
    """One thing, and the block at whose end it was so."""

    data: T
    block: Block


class Page(Struct, Generic[T], frozen=True, kw_only=True):
    """Some things in a stable order. ``next`` is the cursor of those that follow; null: none do."""

    data: list[T]
    next: str | None
    block: Block


class Problem(Struct, frozen=True, kw_only=True):
    """An error, as RFC 9457 has it, with what to do about it."""

    type: str
    title: str
    status: Number
    detail: str
    remedy: str
    code: str


# --- Deals


class AgreementMilestone(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A milestone as it was agreed on: raw units, and unix seconds."""

    amount: Integer
    deadline: Integer


class Agreement(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The agreement under the contract's own words: what is signed, and what every call takes."""

    employer: Address
    freelancer: Address
    payee: Address
    arbiter: Address
    token: Address
    platform: Address
    fee_bps: Integer
    arbiter_bps: Integer
    price: Integer
    accept_by: Integer
    review_period: Integer
    ruling_period: Integer
    fallback_freelancer_bps: Integer
    document: Hash
    supersedes: Hash
    milestones: list[AgreementMilestone]


class Ruling(Struct, frozen=True, kw_only=True):
    """How the arbiter split what remained."""

    freelancer: Amount
    employer: Amount


class Moment(Struct, frozen=True, kw_only=True):
    """What begins by itself if nobody acts; ``milestone`` is null where it is about the deal."""

    what: str
    milestone: Number | None
    at: Time


class Milestone(Struct, frozen=True, kw_only=True):
    """A milestone and where its money went.

    ``status`` is ``state`` and what the time made of it, at the time of the answer's block.
    """

    index: Number
    status: MilestoneWord
    state: State
    outcome: Outcome | None
    pending: bool
    amount: Amount
    remaining: Amount
    paid: Amount
    fees: Amount
    refunded: Amount
    moved: Amount
    arbiter_share: Amount
    ruling: Ruling | None
    deadline: Time
    since: Time | None
    overdue_at: Time | None
    claimable_at: Time | None
    ruling_ends_at: Time | None
    disputable_from: Time | None
    dormant_at: Time | None
    lapsed_at: Time | None
    evidence: Hash | None
    reason: Hash | None
    funded_block: Number | None


class DealSummary(Struct, frozen=True, kw_only=True):
    """A deal as a list shows it; ``milestones`` are their statuses in order."""

    id: Hash
    status: DealWord
    bound: bool
    employer: Address
    freelancer: Address | None
    arbiter: Address | None
    token: Token
    price: Amount
    held: Amount
    milestones: list[MilestoneWord]
    final_deadline: Time
    next: Moment | None
    opened: NumberedBlock
    finality: Finality


class Deal(Struct, frozen=True, kw_only=True):
    """A deal: its agreement, its state, its milestones; ``next`` is what comes if nobody acts.

    ``document_here`` says whether ``/v1/documents`` has its document; null where nobody knows.
    """

    id: Hash
    status: DealWord
    bound: bool
    closed: bool
    successor: Hash | None
    supersedes: Hash | None
    token: Token
    price: Amount
    held: Amount
    acceptable: bool
    fundable: bool
    last_activity: Time | None
    accept_by: Time
    final_deadline: Time
    dormant_at: Time
    lapsed_at: Time
    milestones: list[Milestone]
    next: list[Moment]
    agreement: Agreement
    document_here: bool | None
    opened: NumberedBlock
    finality: Finality


class EventItem(Struct, frozen=True, kw_only=True):
    """One event of a contract. Integers among ``args`` are decimal strings."""

    name: str
    contract: ContractName
    deal_id: Hash | None
    block_number: Number
    block_hash: Hash
    log_index: Number
    tx_hash: Hash
    time: Time | None
    finality: Finality
    args: dict[str, Any]


class LiveEvent(Struct, frozen=True, kw_only=True):
    """What a listener hears.

    ``event``: an event was written. ``reverted``: it was taken back, its block being replaced.
    ``final``: blocks up to ``block_number`` cannot be replaced.
    """

    sequence: Number
    kind: Kind
    name: str | None
    deal_id: Hash | None
    block_number: Number
    log_index: Number
    tx_hash: Hash | None
    block_hash: Hash | None
    time: Time | None
    args: dict[str, Any] | None


class LedgerEntry(Struct, frozen=True, kw_only=True):
    """One event that moved money of a deal, and what the deal holds after it."""

    what: Literal["funded", "released", "fee", "refunded", "arbiter share", "moved on", "credited"]
    reason: str | None
    milestone: Number | None
    amount: Amount
    receiver: Address | None
    held: Amount
    block_number: Number
    log_index: Number
    tx_hash: Hash
    time: Time | None
    finality: Finality


class Ledger(Struct, frozen=True, kw_only=True):
    """All that moved in a deal, in order, and the sums: paid_in = paid + ... + held.

    ``fees`` are a part of ``paid``, and ``withdrawn`` was paid in and taken back before anyone was
    bound. A fee and what is credited say where a part of something stayed: they change nothing of
    what the deal holds.
    """

    deal_id: Hash
    token: Token
    paid_in: Amount
    paid: Amount
    fees: Amount
    refunded: Amount
    withdrawn: Amount
    arbiter_share: Amount
    moved: Amount
    held: Amount
    entries: list[LedgerEntry]


class ActionItem(Struct, frozen=True, kw_only=True):
    """A call, and whether the address may make it now; if not, why and from when."""

    call: str
    contract: ContractName
    milestone: Number | None
    owner: Address | None
    allowed: bool
    code: str | None
    reason: str | None
    remedy: str | None
    opens_at: Time | None
    closes_at: Time | None
    signed_by: Address | None


class Actions(Struct, frozen=True, kw_only=True):
    """Every call of both contracts, for one address, at the time of the answer's block."""

    deal_id: Hash
    address: Address
    roles: list[str]
    actions: list[ActionItem]
