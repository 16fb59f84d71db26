"""What a proposal is, and what becomes of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from milestone_escrow.agreement import DAY, Agreement

__all__ = ["Proposal", "ProposalStatus", "Written"]


class ProposalStatus(StrEnum):
    """What became of a proposal."""

    OPEN = "open"
    COUNTERED = "countered"  # the other one answered with other terms
    ACCEPTED = "accepted"  # of an employer's: the freelancer signed exactly this
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    HANDED_OUT = "handed_out"  # the employer has the signature
    AWARDED = "awarded"  # the deal is bound on the chain


@dataclass(frozen=True, slots=True)
class Written:
    """What somebody proposes.

    Attributes:
        author: The agreement's employer or its freelancer.
        agreement: All terms.
        cover: Text.
        job: Number; None: none, an employer offers it to the freelancer directly.
        in_reply_to: The proposal that it answers; None: it is the first one.
        signature: The freelancer's over the agreement; None where the employer is the author.
    """

    author: str
    agreement: Agreement
    cover: str
    job: int | None = None
    in_reply_to: Proposal | None = None
    signature: bytes | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposal as it is kept, without its signature.

    Attributes:
        number: Its name here.
        job: Number of its job; None: it has none.
        author: Checksummed: the agreement's employer or its freelancer.
        thread: Number of the first one of those that answer each other.
        in_reply_to: Number of the one that it answers; None: it is the first.
        deal_id: Of the deal that it would become, 32 bytes.
        agreement: All terms.
        cover: Text.
        created: Unix seconds of the machine.
        withdrawn: Likewise; None: its author stands by it.
        handed_out: Likewise; None: nobody has the signature.
        shortlisted: Whether the employer took it into the closer choice: for the employer alone.
        answered: Whether the other one answered it with something that stands.
        accepted: Whether the freelancer answered it by signing exactly this.
    """

    number: int
    job: int | None
    author: str
    thread: int
    in_reply_to: int | None
    deal_id: bytes
    agreement: Agreement
    cover: str
    created: int
    withdrawn: int | None
    handed_out: int | None
    shortlisted: bool
    answered: bool
    accepted: bool

    @property
    def by_employer(self) -> bool:
        """Whether the employer wrote it: it then has no signature."""
        return self.author == self.agreement.employer

    @property
    def days(self) -> int:
        """Days from the proposal to the last deadline, the last one begun counting as a whole."""
        return max(-((self.created - self.agreement.final_deadline) // DAY), 0)

    def status(self, now: int, *, bound: bool) -> ProposalStatus:
        """Return what became of it.

        Args:
            now: Unix seconds of the chain.
            bound: Whether the deal is bound on the chain.
        """
        if bound:
            return ProposalStatus.AWARDED
        if self.withdrawn is not None:
            return ProposalStatus.WITHDRAWN
        if self.agreement.accept_by <= now:
            return ProposalStatus.EXPIRED
        if self.handed_out is not None:
            return ProposalStatus.HANDED_OUT
        if self.accepted:
            return ProposalStatus.ACCEPTED
        return ProposalStatus.COUNTERED if self.answered else ProposalStatus.OPEN
