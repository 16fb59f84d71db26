# pragma version ==0.4.3
# pragma evm-version cancun
# pragma optimize gas
"""
@title Deal notes
@license MIT
@author The milestone escrow contributors
@notice Lets the parties of a deal say things on record. It holds no money, stores nothing, and no word
        said here has any power over a deal: it stops no clock and moves no unit.
@custom:security Not audited. A note proves who said what and when, not that it is true.
"""

from .interfaces import IDealNotes
from .interfaces import IMilestoneEscrow
from .modules import agreements
from .modules import errors

implements: IDealNotes

MAX_PERCENT: constant(uint256) = 100
MAX_SCORE: constant(uint256) = 5

escrow: public(immutable(IMilestoneEscrow))


@deploy
def __init__(escrow_: address):
    """
    @param escrow_ Whose deals are spoken of.
    """
    escrow = IMilestoneEscrow(escrow_)


# --- The freelancer


@external
def request_funding(
    agreement: IMilestoneEscrow.Agreement,
    indexes: DynArray[uint256, agreements.MAX_MILESTONES],
):
    """
    @notice The freelancer asks the employer to fund milestones.
    @param agreement The whole agreement.
    @param indexes Milestones that are not funded.
    """
    deal_id: bytes32 = empty(bytes32)
    deal: IMilestoneEscrow.DealState = empty(IMilestoneEscrow.DealState)
    deal_id, deal = self._enter(agreement)
    self._check_freelancer(agreement)
    if len(indexes) == 0:
        errors.fail(errors.NO_INDEXES)
    for index: uint256 in indexes:
        self._check_index(agreement, index)
        if deal.funded & (1 << index) != 0:
            errors.fail(errors.ALREADY_FUNDED)
    log IDealNotes.FundingRequested(deal_id=deal_id, actor=msg.sender, indexes=indexes)


@external
def report(
    agreement: IMilestoneEscrow.Agreement, index: uint256, percent: uint256, evidence: bytes32
):
    """
    @notice The freelancer reports progress. 100 % asks for nothing: that is `request_release`.
    @param agreement The whole agreement.
    @param index Any milestone.
    @param percent Of the milestone's work, 0 .. 100.
    @param evidence Hash of what shows it; zero for none.
    """
    deal_id: bytes32 = self._enter(agreement)[0]
    self._check_freelancer(agreement)
    self._check_index(agreement, index)
    if percent > MAX_PERCENT:
        errors.fail(errors.BAD_PERCENT)
    log IDealNotes.Reported(
        deal_id=deal_id, actor=msg.sender, index=index, percent=percent, evidence=evidence
    )


# --- The employer


@external
def request_changes(agreement: IMilestoneEscrow.Agreement, index: uint256, note: bytes32):
    """
    @notice The employer asks for changes. No clock stops.
    @param agreement The whole agreement.
    @param index Any milestone.
    @param note Hash of what should change.
    """
    deal_id: bytes32 = self._enter(agreement)[0]
    self._check_employer(agreement)
    self._check_index(agreement, index)
    log IDealNotes.ChangesRequested(deal_id=deal_id, actor=msg.sender, index=index, note=note)


@external
def request_cancel(agreement: IMilestoneEscrow.Agreement, note: bytes32):
    """
    @notice The employer asks the freelancer to cancel.
    @param agreement The whole agreement.
    @param note Hash of why.
    """
    deal_id: bytes32 = self._enter(agreement)[0]
    self._check_employer(agreement)
    log IDealNotes.CancelRequested(deal_id=deal_id, actor=msg.sender, note=note)


# --- The arbiter, and all


@external
def confirm_arbiter(agreement: IMilestoneEscrow.Agreement):
    """
    @notice The arbiter says that it knows the deal and will rule; also before anyone is bound.
    @param agreement The whole agreement.
    """
    deal_id: bytes32 = self._enter(agreement)[0]
    if msg.sender != agreement.arbiter:
        errors.fail(errors.NOT_ARBITER)
    log IDealNotes.ArbiterConfirmed(deal_id=deal_id, actor=msg.sender)


@external
def submit_evidence(agreement: IMilestoneEscrow.Agreement, index: uint256, evidence: bytes32):
    """
    @notice A party or the arbiter puts evidence on record.
    @param agreement The whole agreement.
    @param index Any milestone.
    @param evidence Hash of it.
    """
    deal_id: bytes32 = self._enter(agreement)[0]
    if msg.sender != agreement.arbiter:
        self._check_party(agreement)
    self._check_index(agreement, index)
    log IDealNotes.EvidenceSubmitted(
        deal_id=deal_id, actor=msg.sender, index=index, evidence=evidence
    )


@external
def rate(agreement: IMilestoneEscrow.Agreement, score: uint256, review: bytes32):
    """
    @notice A party rates the other, once someone is bound and a milestone is settled. The last word counts.
    @param agreement The whole agreement.
    @param score 1 .. 5.
    @param review Hash of the review; zero for none.
    """
    deal_id: bytes32 = empty(bytes32)
    deal: IMilestoneEscrow.DealState = empty(IMilestoneEscrow.DealState)
    deal_id, deal = self._enter(agreement)
    self._check_party(agreement)
    if not deal.bound:
        errors.fail(errors.NOT_BOUND)
    if deal.settled == 0:
        errors.fail(errors.NOTHING_SETTLED)
    if score == 0 or score > MAX_SCORE:
        errors.fail(errors.BAD_SCORE)
    log IDealNotes.Rated(deal_id=deal_id, actor=msg.sender, score=score, review=review)


# --- Checks


@internal
@view
def _enter(agreement: IMilestoneEscrow.Agreement) -> (bytes32, IMilestoneEscrow.DealState):
    """
    @dev The id and the state of a deal that is open, as the escrow says.
    """
    deal_id: bytes32 = staticcall escrow.deal_id(agreement)
    deal: IMilestoneEscrow.DealState = staticcall escrow.deal(deal_id)
    if not deal.opened:
        errors.fail(errors.NOT_OPENED)
    if deal.closed:
        errors.fail(errors.DEAL_CLOSED)
    return deal_id, deal


@internal
@view
def _check_freelancer(agreement: IMilestoneEscrow.Agreement):
    if msg.sender != agreement.freelancer:
        errors.fail(errors.NOT_FREELANCER)


@internal
@view
def _check_employer(agreement: IMilestoneEscrow.Agreement):
    if msg.sender != agreement.employer:
        errors.fail(errors.NOT_EMPLOYER)


@internal
@view
def _check_party(agreement: IMilestoneEscrow.Agreement):
    if msg.sender != agreement.employer and msg.sender != agreement.freelancer:
        errors.fail(errors.NOT_PARTY)


@internal
@pure
def _check_index(agreement: IMilestoneEscrow.Agreement, index: uint256):
    if index >= len(agreement.milestones):
        errors.fail(errors.BAD_INDEX)
