# pragma version ==0.4.3
# pragma evm-version cancun
# pragma optimize gas
# pragma nonreentrancy on
"""
@title Milestone escrow
@license MIT
@author The milestone escrow contributors
@notice Holds the money of deals between an employer and a freelancer, milestone by milestone. Only the
        employer releases, only the freelancer cancels; agreed clocks and an agreed arbiter do the rest.
        There is no owner, no admin, no upgrade and no pause.

        The agreement is the account: every call carries it, its EIP-712 digest is the deal id, and one
        word of bits a deal is all that is stored of it. See `modules/packing.vy` for that word.
@custom:security Not audited. Every external function holds one lock, the views too. Each reads check,
        effect, log, transfer.
"""

from interfaces import IMilestoneEscrow
from modules import agreements
from modules import domain
from modules import errors
from modules import ledger
from modules import packing
from modules import reasons
from modules import signatures

implements: IMilestoneEscrow
initializes: domain
initializes: ledger

exports: domain.eip712Domain

DORMANT_AFTER: constant(uint256) = (
    60 * agreements.DAY
)  # from the final deadline or the last activity
LAPSED_AFTER: constant(uint256) = DORMANT_AFTER + 14 * agreements.DAY

# Statuses of `MilestoneState`. From funded on they follow the phases of the milestone word.
STATUS_AGREED: constant(uint256) = 0
STATUS_RESERVED: constant(uint256) = 1
STATUS_FUNDED: constant(uint256) = 2
STATUS_SETTLED: constant(uint256) = 5

# deal id -> deal word (`modules/packing.vy`); zero: never opened
deals: HashMap[bytes32, uint256]

# deal id -> index -> milestone word (`modules/packing.vy`); zero unless the deal word says tracked
milestones: HashMap[bytes32, HashMap[uint256, uint256]]


@deploy
def __init__():
    domain.__init__()


# --- Opening and binding


@external
@payable
def fund(
    agreement: IMilestoneEscrow.Agreement,
    indexes: DynArray[uint256, agreements.MAX_MILESTONES],
    signature: Bytes[signatures.MAX_LENGTH],
):
    """
    @notice The employer pays milestones in. The first funding opens the deal; the freelancer's signature
            over the agreement, if given, binds it.
    @param agreement The whole agreement.
    @param indexes Milestones that are not funded.
    @param signature The freelancer's, or empty for none.
    """
    deal_id: bytes32 = agreements.digest(agreement, domain.SEPARATOR)
    deal: uint256 = self.deals[deal_id]
    if msg.sender != agreement.employer:
        errors.fail(errors.NOT_EMPLOYER)
    if deal == 0:
        if agreement.supersedes != empty(bytes32):
            errors.fail(errors.BAD_SUPERSEDES)
        agreements.check(agreement)
        deal = packing.OPENED
        log IMilestoneEscrow.Opened(
            deal_id=deal_id,
            employer=agreement.employer,
            freelancer=agreement.freelancer,
            agreement=agreement,
        )
    else:
        if deal & packing.CLOSED != 0:
            errors.fail(errors.DEAL_CLOSED)
        if (
            block.timestamp
            >= agreement.milestones[unsafe_sub(len(agreement.milestones), 1)].deadline
        ):
            errors.fail(errors.FINAL_DEADLINE_PASSED)
    if len(signature) != 0:
        deal = self._bind(deal_id, deal, agreement.freelancer, agreement.accept_by)
        # The deal id is the digest itself, until the chain changes its id.
        digest: bytes32 = deal_id
        if chain.id != domain.CHAIN_ID:
            digest = agreements.digest(agreement, domain.live_separator())
        signatures.check(agreement.freelancer, digest, signature)
    if len(indexes) == 0:
        errors.fail(errors.NO_INDEXES)
    total: uint256 = 0
    for index: uint256 in indexes:
        if index >= len(agreement.milestones):
            errors.fail(errors.BAD_INDEX)
        if (deal >> index) & packing.FUNDED != 0:
            errors.fail(errors.ALREADY_FUNDED)
        deal |= packing.FUNDED << index
        amount: uint256 = agreement.milestones[index].amount
        # The agreement was checked: its amounts add up to its price.
        total = unsafe_add(total, amount)
        log IMilestoneEscrow.Funded(deal_id=deal_id, index=index, remaining=amount)

    self.deals[deal_id] = deal
    ledger.pull(agreement.token, agreement.employer, total)


@external
def accept(
    agreement: IMilestoneEscrow.Agreement,
    indexes: DynArray[uint256, agreements.MAX_MILESTONES],
):
    """
    @notice The freelancer binds the deal by a transaction.
    @param agreement The whole agreement.
    @param indexes Milestones that must be funded, so that nobody is bound to a deal just emptied.
    """
    deal_id: bytes32 = agreements.digest(agreement, domain.SEPARATOR)
    deal: uint256 = self.deals[deal_id]
    if deal & packing.LIFE_MASK != packing.OPENED:
        self._fail_not_open(deal)
    if len(indexes) == 0:
        errors.fail(errors.NO_INDEXES)
    if msg.sender != agreement.freelancer:
        errors.fail(errors.NOT_FREELANCER)
    deal = self._bind(deal_id, deal, agreement.freelancer, agreement.accept_by)
    seen: uint256 = 0
    for index: uint256 in indexes:
        if index >= len(agreement.milestones):
            errors.fail(errors.BAD_INDEX)
        if (deal >> index) & packing.HELD_MASK != packing.FUNDED:
            self._fail_not_held(deal, index)
        if seen & (1 << index) != 0:
            errors.fail(errors.REPEATED_INDEX)
        seen |= 1 << index

    self.deals[deal_id] = deal


@external
def withdraw(
    agreement: IMilestoneEscrow.Agreement,
    indexes: DynArray[uint256, agreements.MAX_MILESTONES],
):
    """
    @notice The employer takes reserved money back, nobody being bound. The milestones may be funded anew.
    @param agreement The whole agreement.
    @param indexes Reserved milestones.
    """
    deal_id: bytes32 = agreements.digest(agreement, domain.SEPARATOR)
    deal: uint256 = self.deals[deal_id]
    if deal & packing.LIFE_MASK != packing.OPENED:
        self._fail_not_open(deal)
    if len(indexes) == 0:
        errors.fail(errors.NO_INDEXES)
    if msg.sender != agreement.employer:
        errors.fail(errors.NOT_EMPLOYER)
    if deal & packing.BOUND != 0:
        errors.fail(errors.ALREADY_BOUND)
    total: uint256 = 0
    for index: uint256 in indexes:
        if index >= len(agreement.milestones):
            errors.fail(errors.BAD_INDEX)
        if (deal >> index) & packing.HELD_MASK != packing.FUNDED:
            self._fail_not_held(deal, index)
        deal &= ~(packing.FUNDED << index)
        amount: uint256 = agreement.milestones[index].amount
        total = unsafe_add(total, amount)
        log IMilestoneEscrow.Refunded(
            deal_id=deal_id,
            index=index,
            receiver=agreement.employer,
            amount=amount,
            remaining=0,
            reason=reasons.WITHDRAW,
        )

    final_deadline: uint256 = agreement.milestones[
        unsafe_sub(len(agreement.milestones), 1)
    ].deadline
    if block.timestamp >= final_deadline:
        deal = self._touched(deal_id, deal, final_deadline)
    self.deals[deal_id] = deal
    ledger.push(agreement.token, agreement.employer, total, deal_id)


# --- Asking for release


@external
def request_release(
    agreement: IMilestoneEscrow.Agreement,
    indexes: DynArray[uint256, agreements.MAX_MILESTONES],
    evidence: bytes32,
):
    """
    @notice The freelancer asks for release; from `review_period` on anyone may `claim`. An open request
            never moves by itself.
    @param agreement The whole agreement.
    @param indexes Funded milestones without an open request.
    @param evidence Hash of what shows the work; zero for none.
    """
    deal_id: bytes32 = agreements.digest(agreement, domain.SEPARATOR)
    deal: uint256 = self.deals[deal_id]
    if deal & packing.LIFE_MASK != packing.OPENED:
        self._fail_not_open(deal)
    if len(indexes) == 0:
        errors.fail(errors.NO_INDEXES)
    if msg.sender != agreement.freelancer:
        errors.fail(errors.NOT_FREELANCER)
    self._check_bound(deal)
    final_deadline: uint256 = agreement.milestones[
        unsafe_sub(len(agreement.milestones), 1)
    ].deadline
    if self._lapsed(deal, final_deadline):
        errors.fail(errors.LAPSED)
    for index: uint256 in indexes:
        word: uint256 = self._held_word(deal_id, deal, index, len(agreement.milestones))
        if word & packing.PHASE_MASK == packing.DISPUTED:
            errors.fail(errors.IN_DISPUTE)
        if word & packing.PHASE_MASK == packing.REQUESTED:
            errors.fail(errors.REQUEST_OPEN)
        deal |= packing.TRACKED << index
        self.milestones[deal_id][index] = (
            word | packing.REQUESTED | (block.timestamp << packing.SINCE_AT)
        )
        log IMilestoneEscrow.ReleaseRequested(
            deal_id=deal_id,
            index=index,
            freelancer=agreement.freelancer,
            evidence=evidence,
            since=block.timestamp,
            remaining=agreement.milestones[index].amount - (word & packing.PAID_MASK),
        )

    if block.timestamp >= final_deadline:
        deal = self._touched(deal_id, deal, final_deadline)
    self.deals[deal_id] = deal


@external
def void_request(
    agreement: IMilestoneEscrow.Agreement,
    indexes: DynArray[uint256, agreements.MAX_MILESTONES],
):
    """
    @notice The freelancer takes requests back.
    @param agreement The whole agreement.
    @param indexes Requested milestones.
    """
    deal_id: bytes32 = agreements.digest(agreement, domain.SEPARATOR)
    deal: uint256 = self.deals[deal_id]
    if deal & packing.LIFE_MASK != packing.OPENED:
        self._fail_not_open(deal)
    if len(indexes) == 0:
        errors.fail(errors.NO_INDEXES)
    if msg.sender != agreement.freelancer:
        errors.fail(errors.NOT_FREELANCER)
    for index: uint256 in indexes:
        word: uint256 = self._held_word(deal_id, deal, index, len(agreement.milestones))
        self._check_requested(word)
        paid: uint256 = word & packing.PAID_MASK
        self.milestones[deal_id][index] = paid
        if paid == 0:
            deal &= ~(packing.TRACKED << index)
        log IMilestoneEscrow.RequestVoided(
            deal_id=deal_id,
            index=index,
            freelancer=agreement.freelancer,
            remaining=agreement.milestones[index].amount - paid,
        )

    final_deadline: uint256 = agreement.milestones[
        unsafe_sub(len(agreement.milestones), 1)
    ].deadline
    if block.timestamp >= final_deadline:
        deal = self._touched(deal_id, deal, final_deadline)
    self.deals[deal_id] = deal


# --- Paying


@external
def release(
    agreement: IMilestoneEscrow.Agreement,
    indexes: DynArray[uint256, agreements.MAX_MILESTONES],
):
    """
    @notice The employer pays all that remains of milestones. Final.
    @param agreement The whole agreement.
    @param indexes Milestones that hold money, whatever their state.
    """
    deal_id: bytes32 = agreements.digest(agreement, domain.SEPARATOR)
    deal: uint256 = self.deals[deal_id]
    if deal & packing.LIFE_MASK != packing.OPENED:
        self._fail_not_open(deal)
    if len(indexes) == 0:
        errors.fail(errors.NO_INDEXES)
    if msg.sender != agreement.employer:
        errors.fail(errors.NOT_EMPLOYER)
    if agreement.freelancer == empty(address):
        errors.fail(errors.NO_FREELANCER)
    receiver: address = agreement.payee
    if receiver == empty(address):
        receiver = agreement.freelancer
    net: uint256 = 0
    fees: uint256 = 0
    for index: uint256 in indexes:
        if index >= len(agreement.milestones):
            errors.fail(errors.BAD_INDEX)
        if (deal >> index) & packing.HELD_MASK != packing.FUNDED:
            self._fail_not_held(deal, index)
        paid: uint256 = 0
        if deal & (packing.TRACKED << index) != 0:
            paid = self._take_word(deal_id, index) & packing.PAID_MASK
            deal ^= packing.TRACKED << index
        deal |= packing.SETTLED << index
        remaining: uint256 = unsafe_sub(agreement.milestones[index].amount, paid)
        fee: uint256 = 0
        if agreement.fee_bps != 0:
            fee = self._fee(agreement.fee_bps, paid, remaining)
            fees = unsafe_add(fees, fee)
        net = unsafe_add(net, unsafe_sub(remaining, fee))
        log IMilestoneEscrow.Released(
            deal_id=deal_id,
            index=index,
            receiver=receiver,
            gross=remaining,
            fee=fee,
            remaining=0,
            reason=reasons.EMPLOYER,
        )

    final_deadline: uint256 = agreement.milestones[
        unsafe_sub(len(agreement.milestones), 1)
    ].deadline
    if block.timestamp >= final_deadline:
        deal = self._touched(deal_id, deal, final_deadline)
    self.deals[deal_id] = deal
    if fees != 0:
        ledger.credit(agreement.token, agreement.platform, fees, deal_id)
    ledger.push(agreement.token, receiver, net, deal_id)


@external
def release_part(agreement: IMilestoneEscrow.Agreement, index: uint256, amount: uint256):
    """
    @notice The employer pays a part of a milestone. Final. An open request and its clock stay for the rest.
    @param agreement The whole agreement.
    @param index A funded or requested milestone.
    @param amount Gross, raw units; less than what remains.
    """
    deal_id: bytes32 = agreements.digest(agreement, domain.SEPARATOR)
    deal: uint256 = self.deals[deal_id]
    if deal & packing.LIFE_MASK != packing.OPENED:
        self._fail_not_open(deal)
    if msg.sender != agreement.employer:
        errors.fail(errors.NOT_EMPLOYER)
    self._check_bound(deal)
    word: uint256 = self._held_word(deal_id, deal, index, len(agreement.milestones))
    phase: uint256 = word & packing.PHASE_MASK
    if phase == packing.DISPUTED:
        errors.fail(errors.IN_DISPUTE)
    final_deadline: uint256 = agreement.milestones[
        unsafe_sub(len(agreement.milestones), 1)
    ].deadline
    if phase != packing.REQUESTED and self._lapsed(deal, final_deadline):
        errors.fail(errors.LAPSED)
    paid: uint256 = word & packing.PAID_MASK
    remaining: uint256 = agreement.milestones[index].amount - paid
    if amount == 0:
        errors.fail(errors.ZERO_AMOUNT)
    if amount >= remaining:
        errors.fail(errors.AMOUNT_TOO_LARGE)

    receiver: address = agreement.payee
    if receiver == empty(address):
        receiver = agreement.freelancer
    # `paid` has the lowest bits of the word, and stays below the milestone's amount.
    self.milestones[deal_id][index] = word + amount
    fee: uint256 = self._fee(agreement.fee_bps, paid, amount)
    log IMilestoneEscrow.Released(
        deal_id=deal_id,
        index=index,
        receiver=receiver,
        gross=amount,
        fee=fee,
        remaining=unsafe_sub(remaining, amount),
        reason=reasons.EMPLOYER,
    )
    deal |= packing.TRACKED << index
    if block.timestamp >= final_deadline:
        deal = self._touched(deal_id, deal, final_deadline)
    self.deals[deal_id] = deal
    if fee != 0:
        ledger.credit(agreement.token, agreement.platform, fee, deal_id)
    ledger.push(agreement.token, receiver, unsafe_sub(amount, fee), deal_id)


@external
def claim(
    agreement: IMilestoneEscrow.Agreement,
    indexes: DynArray[uint256, agreements.MAX_MILESTONES],
):
    """
    @notice Anyone pays the freelancer what remains of milestones whose review period has ended.
    @param agreement The whole agreement.
    @param indexes Requested milestones.
    """
    deal_id: bytes32 = agreements.digest(agreement, domain.SEPARATOR)
    deal: uint256 = self.deals[deal_id]
    if deal & packing.LIFE_MASK != packing.OPENED:
        self._fail_not_open(deal)
    if len(indexes) == 0:
        errors.fail(errors.NO_INDEXES)
    receiver: address = agreement.payee
    if receiver == empty(address):
        receiver = agreement.freelancer
    net: uint256 = 0
    fees: uint256 = 0
    for index: uint256 in indexes:
        if index >= len(agreement.milestones):
            errors.fail(errors.BAD_INDEX)
        if (deal >> index) & packing.HELD_MASK != packing.FUNDED:
            self._fail_not_held(deal, index)
        word: uint256 = 0
        if deal & (packing.TRACKED << index) != 0:
            word = self._take_word(deal_id, index)
            deal ^= packing.TRACKED << index
        deal |= packing.SETTLED << index
        self._check_requested(word)
        if block.timestamp < (word >> packing.SINCE_AT) + agreement.review_period:
            errors.fail(errors.REVIEW_OPEN)
        paid: uint256 = word & packing.PAID_MASK
        remaining: uint256 = unsafe_sub(agreement.milestones[index].amount, paid)
        fee: uint256 = 0
        if agreement.fee_bps != 0:
            fee = self._fee(agreement.fee_bps, paid, remaining)
            fees = unsafe_add(fees, fee)
        net = unsafe_add(net, unsafe_sub(remaining, fee))
        log IMilestoneEscrow.Released(
            deal_id=deal_id,
            index=index,
            receiver=receiver,
            gross=remaining,
            fee=fee,
            remaining=0,
            reason=reasons.OVERDUE,
        )

    self.deals[deal_id] = deal
    if fees != 0:
        ledger.credit(agreement.token, agreement.platform, fees, deal_id)
    ledger.push(agreement.token, receiver, net, deal_id)


# --- Giving back


@external
def cancel(
    agreement: IMilestoneEscrow.Agreement,
    indexes: DynArray[uint256, agreements.MAX_MILESTONES],
):
    """
    @notice The freelancer gives all that remains of milestones back to the employer. Final.
    @param agreement The whole agreement.
    @param indexes Milestones that hold money, whatever their state.
    """
    deal_id: bytes32 = agreements.digest(agreement, domain.SEPARATOR)
    deal: uint256 = self.deals[deal_id]
    if deal & packing.LIFE_MASK != packing.OPENED:
        self._fail_not_open(deal)
    if len(indexes) == 0:
        errors.fail(errors.NO_INDEXES)
    if msg.sender != agreement.freelancer:
        errors.fail(errors.NOT_FREELANCER)
    self._check_bound(deal)
    total: uint256 = 0
    for index: uint256 in indexes:
        if index >= len(agreement.milestones):
            errors.fail(errors.BAD_INDEX)
        if (deal >> index) & packing.HELD_MASK != packing.FUNDED:
            self._fail_not_held(deal, index)
        paid: uint256 = 0
        if deal & (packing.TRACKED << index) != 0:
            paid = self._take_word(deal_id, index) & packing.PAID_MASK
            deal ^= packing.TRACKED << index
        deal |= packing.SETTLED << index
        remaining: uint256 = unsafe_sub(agreement.milestones[index].amount, paid)
        total = unsafe_add(total, remaining)
        log IMilestoneEscrow.Refunded(
            deal_id=deal_id,
            index=index,
            receiver=agreement.employer,
            amount=remaining,
            remaining=0,
            reason=reasons.CANCEL,
        )

    final_deadline: uint256 = agreement.milestones[
        unsafe_sub(len(agreement.milestones), 1)
    ].deadline
    if block.timestamp >= final_deadline:
        deal = self._touched(deal_id, deal, final_deadline)
    self.deals[deal_id] = deal
    ledger.push(agreement.token, agreement.employer, total, deal_id)


# --- Credits


@external
def withdraw_credit(token: address, to: address):
    """
    @notice Pays the caller's whole credit.
    @param token Zero for the native coin.
    @param to Anyone but zero, the escrow and the token.
    """
    if to == empty(address) or to == self or to == token:
        errors.fail(errors.BAD_RECEIVER)
    ledger.pay_out(token, msg.sender, to)


@external
def pay_credit(token: address, owner: address):
    """
    @notice Anyone tries again to pay an owner, who may be unable to call: to itself only.
    @param token Zero for the native coin.
    @param owner Whose credit is paid.
    """
    ledger.pay_out(token, owner, owner)


# --- Views


@external
@view
def deal_id(agreement: IMilestoneEscrow.Agreement) -> bytes32:
    """
    @notice The EIP-712 digest of an agreement, whether it was opened or not.
    """
    return agreements.digest(agreement, domain.SEPARATOR)


@external
@view
def deal(deal_id: bytes32) -> IMilestoneEscrow.DealState:
    """
    @notice What is stored of a deal; all zero if it was never opened.
    """
    word: uint256 = self.deals[deal_id]
    return IMilestoneEscrow.DealState(
        opened=word & packing.OPENED != 0,
        closed=word & packing.CLOSED != 0,
        bound=word & packing.BOUND != 0,
        funded=(word >> packing.FUNDED_AT) & packing.BITS,
        settled=(word >> packing.SETTLED_AT) & packing.BITS,
        last_activity=word >> packing.ACTIVITY_AT,
    )


@external
@view
def milestone(deal_id: bytes32, index: uint256) -> IMilestoneEscrow.MilestoneState:
    """
    @notice The state of a milestone. Only its agreement says whether it exists: one that does not, and
            one of an unknown deal, reads as agreed.
    @param index 0 .. 9.
    """
    if index >= agreements.MAX_MILESTONES:
        errors.fail(errors.BAD_INDEX)
    deal: uint256 = self.deals[deal_id]
    word: uint256 = self.milestones[deal_id][index]
    status: uint256 = STATUS_AGREED
    if deal & (packing.SETTLED << index) != 0:
        status = STATUS_SETTLED
    elif deal & (packing.FUNDED << index) != 0:
        status = STATUS_RESERVED
        if deal & packing.BOUND != 0:
            status = STATUS_FUNDED + ((word & packing.PHASE_MASK) >> packing.PHASE_AT)
    return IMilestoneEscrow.MilestoneState(
        status=status, paid=word & packing.PAID_MASK, since=word >> packing.SINCE_AT
    )


@external
@view
def credit(token: address, owner: address) -> uint256:
    """
    @notice What `owner` can withdraw, raw units.
    @param token Zero for the native coin.
    """
    return ledger.credits[token][owner]


# --- Checks


@internal
@pure
def _fail_not_open(deal: uint256):
    if deal & packing.CLOSED != 0:
        errors.fail(errors.DEAL_CLOSED)
    errors.fail(errors.NOT_OPENED)


@internal
@pure
def _check_bound(deal: uint256):
    if deal & packing.BOUND == 0:
        errors.fail(errors.NOT_BOUND)


@internal
@pure
def _fail_not_held(deal: uint256, index: uint256):
    if deal & (packing.FUNDED << index) == 0:
        errors.fail(errors.NOT_FUNDED)
    errors.fail(errors.ALREADY_SETTLED)


@internal
@pure
def _check_requested(word: uint256):
    phase: uint256 = word & packing.PHASE_MASK
    if phase == packing.DISPUTED:
        errors.fail(errors.IN_DISPUTE)
    if phase != packing.REQUESTED:
        errors.fail(errors.NO_REQUEST)


@internal
@view
def _lapsed(deal: uint256, final_deadline: uint256) -> bool:
    return block.timestamp >= max(final_deadline, deal >> packing.ACTIVITY_AT) + LAPSED_AFTER


# --- Effects. Those on the deal word return the new one, which the caller stores once


@internal
def _bind(deal_id: bytes32, deal: uint256, freelancer: address, accept_by: uint256) -> uint256:
    if deal & packing.BOUND != 0:
        errors.fail(errors.ALREADY_BOUND)
    if freelancer == empty(address):
        errors.fail(errors.NO_FREELANCER)
    if block.timestamp >= accept_by:
        errors.fail(errors.ACCEPT_BY_PASSED)
    log IMilestoneEscrow.Accepted(deal_id=deal_id, freelancer=freelancer)
    return deal | packing.BOUND


@internal
@view
def _held_word(deal_id: bytes32, deal: uint256, index: uint256, count: uint256) -> uint256:
    """
    @dev The milestone word of a milestone that holds money.
    """
    if index >= count:
        errors.fail(errors.BAD_INDEX)
    if (deal >> index) & packing.HELD_MASK != packing.FUNDED:
        self._fail_not_held(deal, index)
    if deal & (packing.TRACKED << index) == 0:
        return 0
    return self.milestones[deal_id][index]


@internal
def _take_word(deal_id: bytes32, index: uint256) -> uint256:
    """
    @dev Clears a milestone word and returns what it was. The caller settles the milestone.
    """
    word: uint256 = self.milestones[deal_id][index]
    self.milestones[deal_id][index] = 0
    return word


@internal
def _touched(deal_id: bytes32, deal: uint256, final_deadline: uint256) -> uint256:
    """
    @dev A party or the arbiter acted after the final deadline: recorded until the deal has lapsed.
    """
    if self._lapsed(deal, final_deadline):
        return deal
    log IMilestoneEscrow.Active(deal_id=deal_id, actor=msg.sender, last_activity=block.timestamp)
    return (deal & ~packing.ACTIVITY_MASK) | (block.timestamp << packing.ACTIVITY_AT)


@internal
@pure
def _fee(fee_bps: uint256, paid: uint256, gross: uint256) -> uint256:
    """
    @dev The platform's fee, raw units: on the gross paid to date, less what was taken before, so that
         many small payments cost what one would. A sum of 128 bits times 1,000 cannot overflow.
    """
    return unsafe_sub(
        unsafe_mul(unsafe_add(paid, gross), fee_bps) // agreements.BPS,
        unsafe_mul(paid, fee_bps) // agreements.BPS,
    )
