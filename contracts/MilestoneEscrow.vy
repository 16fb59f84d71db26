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

from .interfaces import IMilestoneEscrow
from .modules import agreements
from .modules import domain
from .modules import errors
from .modules import identity
from .modules import ledger
from .modules import messages
from .modules import packing
from .modules import reasons
from .modules import signatures

implements: IMilestoneEscrow
initializes: domain
initializes: ledger
initializes: identity[domain := domain]

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


struct Deal:
    id: bytes32
    word: uint256
    final_deadline: uint256  # unix seconds


struct Held:
    phase: uint256  # of the milestone word
    since: uint256  # unix seconds of the open request or dispute, else zero
    paid: uint256  # gross, raw units
    remaining: uint256  # raw units, above zero


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
    deal_id: bytes32 = empty(bytes32)
    struct_hash: bytes32 = empty(bytes32)
    deal_id, struct_hash = identity.of(agreement)
    deal: uint256 = self.deals[deal_id]
    if msg.sender != agreement.employer:
        errors.fail(errors.NOT_EMPLOYER)
    if deal == 0:
        if agreement.supersedes != empty(bytes32):
            errors.fail(errors.BAD_SUPERSEDES)
        agreements.open(agreement, deal_id)
        deal = packing.OPENED
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
        digest: bytes32 = deal_id
        if chain.id != domain.CHAIN_ID:
            digest = domain.digest_of(struct_hash)
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
    ledger.pull(agreement.token, total)


@external
@reentrant
def fund_with_permit(
    agreement: IMilestoneEscrow.Agreement,
    indexes: DynArray[uint256, agreements.MAX_MILESTONES],
    signature: Bytes[signatures.MAX_LENGTH],
    deadline: uint256,
    v: uint8,
    r: bytes32,
    s: bytes32,
):
    """
    @notice `fund` with the employer's ERC-2612 permit instead of an approval. A permit that fails, since
            somebody has used it already, does no harm: the allowance decides.
    @param agreement The whole agreement, in a token.
    @param indexes Milestones that are not funded; the permit is for their sum.
    @param signature The freelancer's, or empty for none.
    @param deadline Of the permit.
    @param v Of the permit's signature, as r and s.
    """
    total: uint256 = 0
    for index: uint256 in indexes:
        if index >= len(agreement.milestones):
            errors.fail(errors.BAD_INDEX)
        total += agreement.milestones[index].amount
    used: bool = raw_call(
        agreement.token,
        abi_encode(
            msg.sender,
            self,
            total,
            deadline,
            v,
            r,
            s,
            method_id=method_id("permit(address,address,uint256,uint256,uint8,bytes32,bytes32)"),
        ),
        revert_on_failure=False,
    )
    # The caller's own call of `fund`, which takes the lock: there is one way to fund.
    raw_call(
        self,
        abi_encode(
            agreement,
            indexes,
            signature,
            method_id=method_id(
                "fund((address,address,address,address,address,address,uint256,uint256,uint256,uint256,uint256,uint256,uint256,bytes32,bytes32,(uint256,uint256)[]),uint256[],bytes)"
            ),
        ),
        is_delegate_call=True,
    )


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
    deal: Deal = self._enter(agreement)
    if len(indexes) == 0:
        errors.fail(errors.NO_INDEXES)
    if msg.sender != agreement.freelancer:
        errors.fail(errors.NOT_FREELANCER)
    deal.word = self._bind(deal.id, deal.word, agreement.freelancer, agreement.accept_by)
    seen: uint256 = 0
    for index: uint256 in indexes:
        self._check_held(deal.word, index, len(agreement.milestones))
        if seen & (1 << index) != 0:
            errors.fail(errors.REPEATED_INDEX)
        seen |= 1 << index

    self.deals[deal.id] = deal.word


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
    deal: Deal = self._enter(agreement)
    if len(indexes) == 0:
        errors.fail(errors.NO_INDEXES)
    if msg.sender != agreement.employer:
        errors.fail(errors.NOT_EMPLOYER)
    if deal.word & packing.BOUND != 0:
        errors.fail(errors.ALREADY_BOUND)
    total: uint256 = 0
    for index: uint256 in indexes:
        self._check_held(deal.word, index, len(agreement.milestones))
        deal.word &= ~(packing.FUNDED << index)
        amount: uint256 = agreement.milestones[index].amount
        total = unsafe_add(total, amount)
        self._log_refunded(deal.id, index, agreement.employer, amount, reasons.WITHDRAW)
    self.deals[deal.id] = self._touched(deal)
    ledger.push(agreement.token, agreement.employer, total, deal.id)


@external
@payable
def amend(
    old: IMilestoneEscrow.Agreement,
    new: IMilestoneEscrow.Agreement,
    indexes: DynArray[uint256, agreements.MAX_MILESTONES],
    expiry: uint256,
    signature: Bytes[signatures.MAX_LENGTH],
):
    """
    @notice The employer replaces a deal by another: an award, a change of terms, a change of scope. All
            that the old one holds moves; the old one is closed for ever.
    @param old The whole agreement of an open deal.
    @param new The whole agreement that supersedes it.
    @param indexes Milestones of the new deal to fund, for at least what moves; the employer pays the rest.
    @param expiry Unix seconds; nothing is amended from here on.
    @param signature The freelancer's: over the new agreement (or empty for none) if nobody is bound yet,
           else over the Amendment.
    """
    old_id: bytes32 = identity.of(old)[0]
    new_id: bytes32 = empty(bytes32)
    struct_hash: bytes32 = empty(bytes32)
    new_id, struct_hash = identity.of(new)
    deal: uint256 = self.deals[old_id]
    if deal & packing.LIFE_MASK != packing.OPENED:
        self._fail_not_open(deal)
    if msg.sender != old.employer:
        errors.fail(errors.NOT_EMPLOYER)
    if new.employer != old.employer or new.token != old.token:
        errors.fail(errors.TERMS_DIFFER)
    if new.supersedes != old_id:
        errors.fail(errors.BAD_SUPERSEDES)
    if self.deals[new_id] != 0:
        errors.fail(errors.ALREADY_OPENED)
    if block.timestamp >= expiry:
        errors.fail(errors.SIGNATURE_EXPIRED)

    moved: uint256 = 0
    for index: uint256 in range(len(old.milestones), bound=agreements.MAX_MILESTONES):
        if (deal >> index) & packing.HELD_MASK == packing.FUNDED:
            remaining: uint256 = old.milestones[index].amount
            if deal & (packing.TRACKED << index) != 0:
                remaining -= self._take_paid(old_id, index)
            moved += remaining
            log IMilestoneEscrow.Moved(
                deal_id=old_id, index=index, successor=new_id, amount=remaining
            )
    self.deals[old_id] = packing.closed(deal)
    log IMilestoneEscrow.Superseded(
        deal_id=old_id, successor=new_id, employer=old.employer, moved=moved
    )
    agreements.open(new, new_id)

    word: uint256 = packing.OPENED
    if deal & packing.BOUND != 0:
        if (
            new.freelancer != old.freelancer
            or new.platform != old.platform
            or new.fee_bps != old.fee_bps
        ):
            errors.fail(errors.TERMS_DIFFER)
        struct_hash = messages.amendment(old_id, struct_hash, indexes, moved, expiry)
    if deal & packing.BOUND != 0 or len(signature) != 0:
        word = self._bind(new_id, word, new.freelancer, new.accept_by)
        signatures.check(new.freelancer, domain.digest_of(struct_hash), signature)

    if len(indexes) == 0:
        errors.fail(errors.NO_INDEXES)
    total: uint256 = 0
    for index: uint256 in indexes:
        if index >= len(new.milestones):
            errors.fail(errors.BAD_INDEX)
        if (word >> index) & packing.FUNDED != 0:
            errors.fail(errors.ALREADY_FUNDED)
        word |= packing.FUNDED << index
        amount: uint256 = new.milestones[index].amount
        total = unsafe_add(total, amount)
        log IMilestoneEscrow.Funded(deal_id=new_id, index=index, remaining=amount)
    if total < moved:
        errors.fail(errors.FUNDS_SHRINK)

    self.deals[new_id] = word
    ledger.pull(new.token, unsafe_sub(total, moved))


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
    deal: Deal = self._enter(agreement)
    if len(indexes) == 0:
        errors.fail(errors.NO_INDEXES)
    if msg.sender != agreement.freelancer:
        errors.fail(errors.NOT_FREELANCER)
    self._check_bound(deal.word)
    self._check_not_lapsed(deal)
    for index: uint256 in indexes:
        held: Held = self._held(deal, index, agreement.milestones)
        self._check_quiet(held)
        deal.word |= packing.TRACKED << index
        self.milestones[deal.id][index] = packing.milestone(
            held.paid, packing.REQUESTED, block.timestamp
        )
        log IMilestoneEscrow.ReleaseRequested(
            deal_id=deal.id,
            index=index,
            freelancer=agreement.freelancer,
            evidence=evidence,
            since=block.timestamp,
            remaining=held.remaining,
        )

    self.deals[deal.id] = self._touched(deal)


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
    deal: Deal = self._enter(agreement)
    if len(indexes) == 0:
        errors.fail(errors.NO_INDEXES)
    if msg.sender != agreement.freelancer:
        errors.fail(errors.NOT_FREELANCER)
    for index: uint256 in indexes:
        held: Held = self._held(deal, index, agreement.milestones)
        self._check_requested(held)
        self.milestones[deal.id][index] = held.paid
        if held.paid == 0:
            deal.word &= ~(packing.TRACKED << index)
        log IMilestoneEscrow.RequestVoided(
            deal_id=deal.id,
            index=index,
            freelancer=agreement.freelancer,
            remaining=held.remaining,
        )

    self.deals[deal.id] = self._touched(deal)


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
    deal_id: bytes32 = identity.of(agreement)[0]
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
        paid: uint256 = 0
        if (deal >> index) & packing.STATE_MASK != packing.FUNDED:
            self._check_held(deal, index, len(agreement.milestones))
            paid = self._take_paid(deal_id, index)
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
        deal = self._active(deal_id, deal, final_deadline)
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
    deal: Deal = self._enter(agreement)
    held: Held = self._held(deal, index, agreement.milestones)
    if msg.sender != agreement.employer:
        errors.fail(errors.NOT_EMPLOYER)
    self._check_bound(deal.word)
    if held.phase == packing.DISPUTED:
        errors.fail(errors.IN_DISPUTE)
    if held.phase == packing.FUNDED_PHASE:
        self._check_not_lapsed(deal)
    if amount == 0:
        errors.fail(errors.ZERO_AMOUNT)
    if amount >= held.remaining:
        errors.fail(errors.AMOUNT_TOO_LARGE)
    deal.word = self._touched(deal)
    self._pay_part(agreement, deal, held, index, amount, reasons.EMPLOYER)


@external
def redeem(
    agreement: IMilestoneEscrow.Agreement,
    index: uint256,
    paid_total: uint256,
    expiry: uint256,
    signature: Bytes[signatures.MAX_LENGTH],
):
    """
    @notice Anyone has the employer's voucher paid: all that it promises and was not paid before.
    @param agreement The whole agreement.
    @param index A milestone; in dispute only by a voucher for all of it.
    @param paid_total Gross, raw units, that the milestone shall have paid in all.
    @param expiry Unix seconds; the voucher is worth nothing from here on.
    @param signature The employer's over the Voucher.
    """
    deal: Deal = self._enter(agreement)
    held: Held = self._held(deal, index, agreement.milestones)
    self._check_bound(deal.word)
    if block.timestamp >= expiry:
        errors.fail(errors.SIGNATURE_EXPIRED)
    if paid_total <= held.paid:
        errors.fail(errors.NOTHING_TO_PAY)
    gross: uint256 = paid_total - held.paid
    if gross > held.remaining:
        errors.fail(errors.AMOUNT_TOO_LARGE)
    if held.phase == packing.DISPUTED and gross != held.remaining:
        errors.fail(errors.IN_DISPUTE)
    if held.phase == packing.FUNDED_PHASE:
        self._check_not_lapsed(deal)
    signatures.check(
        agreement.employer,
        domain.digest_of(messages.voucher(deal.id, index, paid_total, expiry)),
        signature,
    )
    self._pay_part(agreement, deal, held, index, gross, reasons.VOUCHER)


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
    deal: Deal = self._enter(agreement)
    if len(indexes) == 0:
        errors.fail(errors.NO_INDEXES)
    receiver: address = self._receiver(agreement.freelancer, agreement.payee)
    gross: uint256 = 0
    fees: uint256 = 0
    for index: uint256 in indexes:
        held: Held = self._held(deal, index, agreement.milestones)
        self._check_requested(held)
        if block.timestamp < held.since + agreement.review_period:
            errors.fail(errors.REVIEW_OPEN)
        deal.word = self._settled(deal, index)
        gross += held.remaining
        fees += self._log_released(
            deal.id,
            index,
            receiver,
            agreement.fee_bps,
            held.paid,
            held.remaining,
            0,
            reasons.OVERDUE,
        )

    self.deals[deal.id] = deal.word
    self._pay(agreement, deal.id, fees, gross - fees, 0)


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
    deal_id: bytes32 = identity.of(agreement)[0]
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
        paid: uint256 = 0
        if (deal >> index) & packing.STATE_MASK != packing.FUNDED:
            self._check_held(deal, index, len(agreement.milestones))
            paid = self._take_paid(deal_id, index)
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
        deal = self._active(deal_id, deal, final_deadline)
    self.deals[deal_id] = deal
    ledger.push(agreement.token, agreement.employer, total, deal_id)


# --- Disputes


@external
def dispute(agreement: IMilestoneEscrow.Agreement, index: uint256, reason: bytes32):
    """
    @notice Freezes a milestone for the arbiter: either party while a request is under review; the
            employer also from the milestone's deadline on, without a request.
    @param agreement The whole agreement.
    @param index A requested milestone; for the employer also a funded one.
    @param reason Hash of the complaint.
    """
    deal: Deal = self._enter(agreement)
    held: Held = self._held(deal, index, agreement.milestones)
    self._check_bound(deal.word)
    if msg.sender != agreement.employer and msg.sender != agreement.freelancer:
        errors.fail(errors.NOT_PARTY)
    if held.phase == packing.DISPUTED:
        errors.fail(errors.IN_DISPUTE)
    if held.phase == packing.REQUESTED:
        if block.timestamp >= held.since + agreement.review_period:
            errors.fail(errors.REVIEW_OVER)
    else:
        if msg.sender != agreement.employer:
            errors.fail(errors.NO_REQUEST)
        if block.timestamp < agreement.milestones[index].deadline:
            errors.fail(errors.DEADLINE_AHEAD)
        self._check_not_lapsed(deal)

    self.milestones[deal.id][index] = packing.milestone(
        held.paid, packing.DISPUTED, block.timestamp
    )
    deal.word |= packing.TRACKED << index
    log IMilestoneEscrow.Disputed(
        deal_id=deal.id,
        index=index,
        actor=msg.sender,
        reason=reason,
        since=block.timestamp,
        remaining=held.remaining,
    )
    self.deals[deal.id] = self._touched(deal)


@external
def rule(agreement: IMilestoneEscrow.Agreement, index: uint256, freelancer_amount: uint256):
    """
    @notice The arbiter, before the ruling period ends, splits what remains after the arbiter's share.
    @param agreement The whole agreement.
    @param index A disputed milestone.
    @param freelancer_amount Gross, raw units; the employer gets the rest.
    """
    deal: Deal = self._enter(agreement)
    held: Held = self._held(deal, index, agreement.milestones)
    if msg.sender != agreement.arbiter:
        errors.fail(errors.NOT_ARBITER)
    if block.timestamp >= self._ruling_ends(held, agreement.ruling_period):
        errors.fail(errors.RULING_OVER)
    share: uint256 = held.remaining * agreement.arbiter_bps // agreements.BPS
    held.remaining -= share
    if freelancer_amount > held.remaining:
        errors.fail(errors.AMOUNT_TOO_LARGE)

    deal.word = self._touched(deal)
    log IMilestoneEscrow.Ruled(
        deal_id=deal.id,
        index=index,
        arbiter=agreement.arbiter,
        share=share,
        freelancer_amount=freelancer_amount,
        remaining=held.remaining,
    )
    if share != 0:
        ledger.credit(agreement.token, agreement.arbiter, share, deal.id)
    self._split(agreement, deal, held, index, freelancer_amount, reasons.RULING)


@external
def apply_fallback(agreement: IMilestoneEscrow.Agreement, index: uint256):
    """
    @notice Anyone ends a dispute that nobody ruled in time, by the split that was agreed on. The odd unit
            goes to the employer, nothing to the arbiter.
    @param agreement The whole agreement.
    @param index A disputed milestone.
    """
    deal: Deal = self._enter(agreement)
    held: Held = self._held(deal, index, agreement.milestones)
    if block.timestamp < self._ruling_ends(held, agreement.ruling_period):
        errors.fail(errors.RULING_OPEN)
    self._split(
        agreement,
        deal,
        held,
        index,
        held.remaining * agreement.fallback_freelancer_bps // agreements.BPS,
        reasons.FALLBACK,
    )


@external
def settle(
    agreement: IMilestoneEscrow.Agreement,
    indexes: DynArray[uint256, agreements.MAX_MILESTONES],
    freelancer_amounts: DynArray[uint256, agreements.MAX_MILESTONES],
    expiry: uint256,
    signature: Bytes[signatures.MAX_LENGTH],
):
    """
    @notice Both parties split milestones, whatever their state: one sends, the other signed.
    @param agreement The whole agreement.
    @param indexes Milestones that hold money.
    @param freelancer_amounts Gross, raw units, of each; the employer gets the rest.
    @param expiry Unix seconds; the settlement is worth nothing from here on.
    @param signature The other party's over the Settlement.
    """
    deal: Deal = self._enter(agreement)
    if len(indexes) == 0:
        errors.fail(errors.NO_INDEXES)
    self._check_bound(deal.word)
    signer: address = agreement.employer
    if msg.sender == agreement.employer:
        signer = agreement.freelancer
    elif msg.sender != agreement.freelancer:
        errors.fail(errors.NOT_PARTY)
    if block.timestamp >= expiry:
        errors.fail(errors.SIGNATURE_EXPIRED)
    if len(freelancer_amounts) != len(indexes):
        errors.fail(errors.BAD_LENGTHS)
    receiver: address = self._receiver(agreement.freelancer, agreement.payee)
    total: uint256 = 0
    gross: uint256 = 0
    fees: uint256 = 0
    for i: uint256 in range(len(indexes), bound=agreements.MAX_MILESTONES):
        index: uint256 = indexes[i]
        held: Held = self._held(deal, index, agreement.milestones)
        if freelancer_amounts[i] > held.remaining:
            errors.fail(errors.AMOUNT_TOO_LARGE)
        deal.word = self._settled(deal, index)
        total += held.remaining
        gross += freelancer_amounts[i]
        fees += self._log_split(
            deal.id,
            index,
            receiver,
            agreement.employer,
            agreement.fee_bps,
            held.paid,
            held.remaining,
            freelancer_amounts[i],
            reasons.SETTLEMENT,
        )
    signatures.check(
        signer,
        domain.digest_of(messages.settlement(deal.id, indexes, freelancer_amounts, total, expiry)),
        signature,
    )
    self.deals[deal.id] = self._touched(deal)
    self._pay(agreement, deal.id, fees, gross - fees, total - gross)


# --- Dormancy


@external
def settle_dormant(
    agreement: IMilestoneEscrow.Agreement,
    indexes: DynArray[uint256, agreements.MAX_MILESTONES],
):
    """
    @notice Anyone gives what a lapsed deal holds, and nobody asked for, back to the employer.
    @param agreement The whole agreement.
    @param indexes Funded milestones without a request or a dispute.
    """
    deal: Deal = self._enter(agreement)
    if len(indexes) == 0:
        errors.fail(errors.NO_INDEXES)
    self._check_bound(deal.word)
    if not self._lapsed(deal.word, deal.final_deadline):
        errors.fail(errors.NOT_LAPSED)
    total: uint256 = 0
    for index: uint256 in indexes:
        held: Held = self._held(deal, index, agreement.milestones)
        self._check_quiet(held)
        deal.word = self._settled(deal, index)
        total += held.remaining
        self._log_refunded(deal.id, index, agreement.employer, held.remaining, reasons.DORMANT)
    self.deals[deal.id] = deal.word
    ledger.push(agreement.token, agreement.employer, total, deal.id)


@external
def keep_alive(agreement: IMilestoneEscrow.Agreement):
    """
    @notice The employer records activity, for a deal that goes on quietly after its final deadline.
    @param agreement The whole agreement.
    """
    deal: Deal = self._enter(agreement)
    if msg.sender != agreement.employer:
        errors.fail(errors.NOT_EMPLOYER)
    if block.timestamp < deal.final_deadline:
        errors.fail(errors.NOTHING_TO_KEEP_ALIVE)
    self._check_not_lapsed(deal)
    self.deals[deal.id] = self._touched(deal)


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
    return identity.of(agreement)[0]


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
        funded=word >> packing.FUNDED_AT,
        settled=(word >> packing.SETTLED_AT) & packing.BITS,
        last_activity=(word & packing.ACTIVITY_MASK) >> packing.ACTIVITY_AT,
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
@view
def _enter(agreement: IMilestoneEscrow.Agreement) -> Deal:
    """
    @dev The deal of an agreement, which is open. The calls that are sent most, `fund`, `release` and
         `cancel`, do the same in place: it saves them a copy of the agreement.
    """
    deal: Deal = empty(Deal)
    deal.id = identity.of(agreement)[0]
    deal.word = self.deals[deal.id]
    if deal.word & packing.LIFE_MASK != packing.OPENED:
        self._fail_not_open(deal.word)
    deal.final_deadline = agreement.milestones[unsafe_sub(len(agreement.milestones), 1)].deadline
    return deal


@internal
@view
def _held(
    deal: Deal,
    index: uint256,
    milestones: DynArray[IMilestoneEscrow.Milestone, agreements.MAX_MILESTONES],
) -> Held:
    """
    @dev A milestone that holds money.
    """
    self._check_held(deal.word, index, len(milestones))
    word: uint256 = 0
    if deal.word & (packing.TRACKED << index) != 0:
        word = self.milestones[deal.id][index]
    paid: uint256 = word & packing.PAID_MASK
    return Held(
        phase=word & packing.PHASE_MASK,
        since=word >> packing.SINCE_AT,
        paid=paid,
        remaining=milestones[index].amount - paid,
    )


@internal
@pure
def _check_held(deal: uint256, index: uint256, count: uint256):
    if (deal >> index) & packing.HELD_MASK != packing.FUNDED:
        if index >= count:
            errors.fail(errors.BAD_INDEX)
        if deal & (packing.FUNDED << index) == 0:
            errors.fail(errors.NOT_FUNDED)
        errors.fail(errors.ALREADY_SETTLED)


@internal
@pure
def _check_bound(deal: uint256):
    if deal & packing.BOUND == 0:
        errors.fail(errors.NOT_BOUND)


@internal
@pure
def _check_requested(held: Held):
    if held.phase == packing.DISPUTED:
        errors.fail(errors.IN_DISPUTE)
    if held.phase != packing.REQUESTED:
        errors.fail(errors.NO_REQUEST)


@internal
@pure
def _check_quiet(held: Held):
    """
    @dev Neither requested nor disputed.
    """
    if held.phase == packing.DISPUTED:
        errors.fail(errors.IN_DISPUTE)
    if held.phase == packing.REQUESTED:
        errors.fail(errors.REQUEST_OPEN)


@internal
@view
def _check_not_lapsed(deal: Deal):
    if self._lapsed(deal.word, deal.final_deadline):
        errors.fail(errors.LAPSED)


@internal
@pure
def _ruling_ends(held: Held, ruling_period: uint256) -> uint256:
    if held.phase != packing.DISPUTED:
        errors.fail(errors.NOT_IN_DISPUTE)
    return held.since + ruling_period


@internal
@view
def _lapsed(deal: uint256, final_deadline: uint256) -> bool:
    last_activity: uint256 = (deal & packing.ACTIVITY_MASK) >> packing.ACTIVITY_AT
    return block.timestamp >= max(final_deadline, last_activity) + LAPSED_AFTER


@internal
@pure
def _fail_not_open(deal: uint256):
    if deal & packing.CLOSED != 0:
        errors.fail(errors.DEAL_CLOSED)
    errors.fail(errors.NOT_OPENED)


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
def _settled(deal: Deal, index: uint256) -> uint256:
    if deal.word & (packing.TRACKED << index) != 0:
        self.milestones[deal.id][index] = 0
    return packing.settled(deal.word, index)


@internal
def _take_paid(deal_id: bytes32, index: uint256) -> uint256:
    """
    @dev Clears a milestone word and returns what was paid so far. The caller settles the milestone.
    """
    paid: uint256 = self.milestones[deal_id][index] & packing.PAID_MASK
    self.milestones[deal_id][index] = 0
    return paid


@internal
def _touched(deal: Deal) -> uint256:
    """
    @dev A party or the arbiter acts.
    """
    if block.timestamp < deal.final_deadline:
        return deal.word
    return self._active(deal.id, deal.word, deal.final_deadline)


@internal
def _active(deal_id: bytes32, deal: uint256, final_deadline: uint256) -> uint256:
    """
    @dev A party or the arbiter acts after the final deadline: recorded until the deal has lapsed.
    """
    if self._lapsed(deal, final_deadline):
        return deal
    log IMilestoneEscrow.Active(deal_id=deal_id, actor=msg.sender, last_activity=block.timestamp)
    return (deal & ~packing.ACTIVITY_MASK) | (block.timestamp << packing.ACTIVITY_AT)


# --- Payments


@internal
def _pay_part(
    agreement: IMilestoneEscrow.Agreement,
    deal: Deal,
    held: Held,
    index: uint256,
    gross: uint256,
    reason: uint256,
):
    """
    @dev Pays a part of what remains, or all of it.
    """
    remaining: uint256 = held.remaining - gross
    if remaining == 0:
        deal.word = self._settled(deal, index)
    else:
        # The phase and its clock stay.
        self.milestones[deal.id][index] = packing.milestone(
            held.paid + gross, held.phase, held.since
        )
        deal.word |= packing.TRACKED << index
    self.deals[deal.id] = deal.word
    fee: uint256 = self._log_released(
        deal.id,
        index,
        self._receiver(agreement.freelancer, agreement.payee),
        agreement.fee_bps,
        held.paid,
        gross,
        remaining,
        reason,
    )
    self._pay(agreement, deal.id, fee, gross - fee, 0)


@internal
def _split(
    agreement: IMilestoneEscrow.Agreement,
    deal: Deal,
    held: Held,
    index: uint256,
    freelancer_amount: uint256,
    reason: uint256,
):
    """
    @dev Ends a dispute: the freelancer gets the amount, the employer the rest of what remains.
    """
    self.deals[deal.id] = self._settled(deal, index)
    fee: uint256 = self._log_split(
        deal.id,
        index,
        self._receiver(agreement.freelancer, agreement.payee),
        agreement.employer,
        agreement.fee_bps,
        held.paid,
        held.remaining,
        freelancer_amount,
        reason,
    )
    self._pay(agreement, deal.id, fee, freelancer_amount - fee, held.remaining - freelancer_amount)


@internal
def _log_split(
    deal_id: bytes32,
    index: uint256,
    receiver: address,
    employer: address,
    fee_bps: uint256,
    paid: uint256,
    remaining: uint256,
    freelancer_amount: uint256,
    reason: uint256,
) -> uint256:
    """
    @dev All that remains goes to the two parties; returns the platform's fee.
    """
    refund: uint256 = remaining - freelancer_amount
    fee: uint256 = 0
    if freelancer_amount != 0:
        fee = self._log_released(
            deal_id, index, receiver, fee_bps, paid, freelancer_amount, refund, reason
        )
    if refund != 0:
        self._log_refunded(deal_id, index, employer, refund, reason)
    return fee


@internal
def _log_refunded(
    deal_id: bytes32, index: uint256, employer: address, amount: uint256, reason: uint256
):
    """
    @dev A refund takes all that remains.
    """
    log IMilestoneEscrow.Refunded(
        deal_id=deal_id, index=index, receiver=employer, amount=amount, remaining=0, reason=reason
    )


@internal
def _log_released(
    deal_id: bytes32,
    index: uint256,
    receiver: address,
    fee_bps: uint256,
    paid: uint256,
    gross: uint256,
    remaining: uint256,
    reason: uint256,
) -> uint256:
    """
    @dev Returns the platform's fee.
    """
    fee: uint256 = self._fee(fee_bps, paid, gross)
    log IMilestoneEscrow.Released(
        deal_id=deal_id,
        index=index,
        receiver=receiver,
        gross=gross,
        fee=fee,
        remaining=remaining,
        reason=reason,
    )
    return fee


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


# --- Transfers


@internal
def _pay(
    agreement: IMilestoneEscrow.Agreement,
    deal_id: bytes32,
    fees: uint256,
    net: uint256,
    refund: uint256,
):
    if fees != 0:
        ledger.credit(agreement.token, agreement.platform, fees, deal_id)
    if net != 0:
        ledger.push(
            agreement.token, self._receiver(agreement.freelancer, agreement.payee), net, deal_id
        )
    if refund != 0:
        ledger.push(agreement.token, agreement.employer, refund, deal_id)


@internal
@pure
def _receiver(freelancer: address, payee: address) -> address:
    if payee == empty(address):
        return freelancer
    return payee
