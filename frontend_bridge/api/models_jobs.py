"""What the API sends and takes of jobs and proposals."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from frontend_bridge.api.bodies import AnyHash, Indexes, Uint
from frontend_bridge.api.cursors import LAST_NUMBER
from frontend_bridge.api.models import Address, Agreement, Amount, Hash, Number, Time
from frontend_bridge.api.models_off_chain import AgreementDocument, Text
from frontend_bridge.api.models_prepare import Data, Prepared
from milestone_escrow.offchain.contract_accounts import MAX_SIGNATURE
from milestone_escrow.offchain.jobs import MAX_TAG, MAX_TAGS
from milestone_escrow.text import MAX_LINE

__all__ = [
    "Award",
    "AwardProposal",
    "Budget",
    "Caution",
    "CautionCode",
    "Job",
    "PostBudget",
    "PostJob",
    "Proposal",
    "Propose",
    "Reserve",
    "Terms",
    "Withdrawal",
]

Known = Annotated[int, Meta(ge=1, le=LAST_NUMBER, description="A number that this bridge gave.")]
Signature = Annotated[
    str,
    Meta(
        pattern="^0x([0-9a-fA-F]{2})+$",
        max_length=2 + 2 * MAX_SIGNATURE,
        description="The freelancer's over the agreement (EIP-712).",
    ),
]
CautionCode = Literal["first-time", "one-milestone", "unknown-token", "date-past"]
JobWord = Literal["open", "ended", "closed", "awarded"]
ProposalWord = Literal[
    "open", "countered", "accepted", "withdrawn", "expired", "handed_out", "awarded"
]


class Caution(Struct, frozen=True, kw_only=True):
    """What is worth a look before anyone goes on; it forbids nothing."""

    code: CautionCode
    sentence: str


# --- Jobs


class PostBudget(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the employer means to pay, in raw units of a token; zero: the native coin."""

    token: Address
    min: Uint
    max: Uint


class PostJob(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A job. ``closes`` is of the chain's time; ``deal_id`` an own deal that nobody is bound to.

    ``replaces`` is an own job that this one is a new version of: that one is closed by it.
    """

    title: Annotated[str, Meta(max_length=MAX_LINE)]
    description: Text
    tags: Annotated[list[Annotated[str, Meta(max_length=MAX_TAG)]], Meta(max_length=MAX_TAGS)] = []
    budget: PostBudget | UnsetType = UNSET
    closes: Uint | UnsetType = UNSET
    deal_id: AnyHash | UnsetType = UNSET
    replaces: Known | UnsetType = UNSET


class Budget(Struct, frozen=True, kw_only=True):
    """What the employer means to pay; nobody is held to it."""

    min: Amount
    max: Amount


class Reserve(Struct, frozen=True, kw_only=True):
    """Money that is reserved for a job by a deal, at the end of the answer's block.

    ``held`` of ``price`` is there; both are null where the index does not know the deal (any
    more). ``open``: nobody is bound and nothing replaced it, so it can still be awarded.
    """

    deal_id: Hash
    held: Amount | None
    price: Amount | None
    open: bool


class Job(Struct, frozen=True, kw_only=True):
    """A job: never changed, so a new version is another one, named by ``replaced_by``.

    ``status`` is that at the time of the answer's block; awarded: somebody is bound to a deal that
    was proposed for it.
    """

    id: Number
    employer: Address
    title: str
    description: str
    tags: list[str]
    budget: Budget | None
    closes: Time | None
    status: JobWord
    reserve: Reserve | None
    replaces: Number | None
    replaced_by: Number | None
    created: Time
    closed: Time | None
    warnings: list[Caution]


# --- Proposals


class Terms(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Terms that an employer offers, or answers with; the freelancer has not signed them."""

    agreement: Agreement
    document: AgreementDocument
    cover: Text


class Propose(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An agreement that the freelancer signed.

    ``in_reply_to`` is what it answers: exactly that agreement accepts it, another counters it.
    """

    agreement: Agreement
    document: AgreementDocument
    cover: Text
    signature: Signature
    in_reply_to: Known | UnsetType = UNSET


class Proposal(Struct, frozen=True, kw_only=True):
    """A proposal, without its signature: nobody reads that before it is awarded.

    ``total``, ``milestone_count`` and ``days`` (from the proposal to the last deadline) are for a
    table of them. ``job`` is null where an employer offers without one; ``thread`` is the first of
    those that answer each other. ``status`` is that at the time of the answer's block.
    ``shortlisted`` is for the employer, and null for the freelancer.
    """

    id: Number
    job: Number | None
    thread: Number
    in_reply_to: Number | None
    author: Literal["employer", "freelancer"]
    employer: Address
    freelancer: Address
    status: ProposalWord
    deal_id: Hash
    document: Hash
    total: Amount
    milestone_count: Number
    days: Number
    accept_by: Time
    final_deadline: Time
    agreement: Agreement
    cover: str
    created: Time
    withdrawn: Time | None
    handed_out: Time | None
    shortlisted: bool | None
    warnings: list[Caution]


class Withdrawal(Struct, frozen=True, kw_only=True):
    """A proposal that was withdrawn, and what that is worth."""

    proposal: Proposal
    sentence: str


class AwardProposal(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which milestones are funded with the award.

    Usually the first; where money is reserved, the first ones that take all of it.
    """

    indexes: Indexes | UnsetType = UNSET


class Award(Struct, frozen=True, kw_only=True):
    """The freelancer's signature, and the call that binds with it, for the employer's wallet.

    Until it is sent nobody is bound, and until ``accept_by`` the freelancer cannot take the
    signature back.
    """

    proposal: Proposal
    signature: Data
    call: Literal["fund", "amend"]
    prepared: Prepared
