# pragma version ==0.4.3
# pragma evm-version cancun
# pragma optimize gas
# pragma nonreentrancy on
"""
@title Arbiter adapter
@license MIT
@author The milestone escrow contributors
@notice An arbiter for agreements that asks an ERC-792 arbitrator. Once a milestone is disputed in the
        escrow, one side pays the arbitrator's fee here and the other must follow within the fee period,
        or loses. When both have paid, the arbitrator decides; the winner gets its fee back.

        It has no owner and decides nothing itself. It never holds a deal's money: that stays in the
        escrow, which this contract tells how to split a disputed milestone, before the ruling period
        ends. From then on the agreed fallback decides, and only the fees are left to settle here.
@custom:security Not audited. The arbitrator is trusted with every case, as any arbiter is, and with what
        both sides paid for it, but with nothing else. Every external function holds one lock, the views
        too. Fees go back as credits; nobody is ever pushed to.
"""

from ..interfaces import IArbiterAdapter
from ..interfaces import IArbitrable
from ..interfaces import IArbitrator
from ..interfaces import IEvidence
from ..interfaces import IMilestoneEscrow
from ..modules import agreements
from ..modules import errors

implements: IArbiterAdapter
implements: IArbitrable
implements: IEvidence


interface Escrow:
    def rule(
        agreement: IMilestoneEscrow.Agreement, index: uint256, freelancer_amount: uint256
    ): nonpayable


interface Notes:
    def escrow() -> address: view
    def confirm_arbiter(agreement: IMilestoneEscrow.Agreement): nonpayable


# The statuses of a case
UNPAID: constant(uint256) = 0
FREELANCER_PAID: constant(uint256) = 1
EMPLOYER_PAID: constant(uint256) = 2
BOTH_PAID: constant(uint256) = 3
SUBMITTED: constant(uint256) = 4
RULED: constant(uint256) = 5

# The rulings. Whoever alone has paid wins by the number of the status.
REFUSED: constant(uint256) = 0
FREELANCER_WINS: constant(uint256) = FREELANCER_PAID
EMPLOYER_WINS: constant(uint256) = EMPLOYER_PAID
CHOICES: constant(uint256) = 2

DISPUTED: constant(uint256) = 4  # a status of `IMilestoneEscrow.MilestoneState`
META_EVIDENCE_ID: constant(uint256) = 0  # there is one for all cases

MIN_PERIOD: constant(uint256) = agreements.DAY
# A late ruling still decides who gets the fees back; without one they are shared from then on.
PATIENCE: constant(uint256) = 180 * agreements.DAY  # from the end of the ruling period

escrow: public(immutable(IMilestoneEscrow))
notes: public(immutable(Notes))  # on the escrow's deals
arbitrator: public(immutable(IArbitrator))
extra_data: public(immutable(Bytes[256]))  # for the arbitrator: a court, a number of jurors
fee_period: public(immutable(uint256))  # seconds that the second side has to pay
arbitration_period: public(immutable(uint256))  # seconds that the arbitrator has at least

# case id -> case; zero before the first fee and after the execution
cases: HashMap[uint256, IArbiterAdapter.Case]

# the arbitrator's dispute id -> case id; zero: unknown, or ruled
disputes: HashMap[uint256, uint256]

# owner -> wei. Balance >= sum of credits + fees of cases: once for each who paid, once if submitted.
credits: HashMap[address, uint256]


@deploy
def __init__(
    notes_: address,
    arbitrator_: address,
    extra_data_: Bytes[256],
    fee_period_: uint256,
    arbitration_period_: uint256,
    meta_evidence: String[512],
):
    """
    @param notes_ The notes on the escrow whose disputes are decided.
    @param arbitrator_ An ERC-792 arbitrator.
    @param extra_data_ What it is given with each dispute.
    @param fee_period_ Seconds that the second side has to pay.
    @param arbitration_period_ Seconds that the arbitrator needs, appeals and all.
    @param meta_evidence URI of the ERC-1497 meta-evidence.
    """
    # Together they must leave room in some ruling period.
    if (
        fee_period_ < MIN_PERIOD
        or arbitration_period_ < MIN_PERIOD
        or fee_period_ >= agreements.MAX_RULING_PERIOD
        or arbitration_period_ >= agreements.MAX_RULING_PERIOD - fee_period_
    ):
        errors.fail(errors.BAD_PERIODS)
    escrow = IMilestoneEscrow(staticcall Notes(notes_).escrow())
    notes = Notes(notes_)
    arbitrator = IArbitrator(arbitrator_)
    extra_data = extra_data_
    fee_period = fee_period_
    arbitration_period = arbitration_period_
    log IEvidence.MetaEvidence(_metaEvidenceID=META_EVIDENCE_ID, _evidence=meta_evidence)


# --- Before anyone is bound


@external
def confirm(agreement: IMilestoneEscrow.Agreement):
    """
    @notice Anyone has the adapter say on record that it will arbitrate an open deal, if its terms are fit.
    @param agreement The whole agreement; names the adapter as arbiter, without a share, and gives it time.
    """
    self._check_share(agreement.arbiter_bps)
    if agreement.ruling_period <= fee_period + arbitration_period:
        errors.fail(errors.RULING_TOO_SHORT)
    extcall notes.confirm_arbiter(agreement)


# --- Fees


@external
@payable
def pay_fee(agreement: IMilestoneEscrow.Agreement, index: uint256):
    """
    @notice A party pays the arbitrator's fee for its side. The first opens the case, at the price of
            now, while enough of the ruling period is left; the second pays the same, before `due`.
            What was sent beyond that is credited.
    @param agreement The whole agreement.
    @param index A disputed milestone.
    """
    deal_id: bytes32 = staticcall escrow.deal_id(agreement)
    case_id: uint256 = self._case_id(deal_id, index)
    case: IArbiterAdapter.Case = self.cases[case_id]
    status: uint256 = FREELANCER_PAID
    if msg.sender == agreement.employer:
        status = EMPLOYER_PAID
    elif msg.sender != agreement.freelancer:
        errors.fail(errors.NOT_PARTY)
    if agreement.arbiter != self:
        errors.fail(errors.NOT_ARBITER)
    self._check_share(agreement.arbiter_bps)
    milestone: IMilestoneEscrow.MilestoneState = staticcall escrow.milestone(deal_id, index)
    if milestone.status != DISPUTED:
        errors.fail(errors.NOT_IN_DISPUTE)
    if case.status == UNPAID:
        case.due = block.timestamp + fee_period
        case.ruling_ends = milestone.since + agreement.ruling_period
        if case.due + arbitration_period >= case.ruling_ends:
            errors.fail(errors.FEES_OVER)
        case.fee = staticcall arbitrator.arbitrationCost(extra_data)
        case.status = status
    else:
        if case.status == status or case.status >= BOTH_PAID:
            errors.fail(errors.ALREADY_PAID)
        if block.timestamp >= case.due:
            errors.fail(errors.FEES_OVER)
        case.status = BOTH_PAID
    if msg.value < case.fee:
        errors.fail(errors.FEE_TOO_SMALL)

    self.cases[case_id] = case
    log IArbiterAdapter.FeePaid(
        deal_id=deal_id,
        index=index,
        actor=msg.sender,
        case_id=case_id,
        fee=case.fee,
        due=case.due,
    )
    self._credit(msg.sender, msg.value - case.fee)


@external
@payable
def submit(agreement: IMilestoneEscrow.Agreement, index: uint256):
    """
    @notice Anyone hands a case over to the arbitrator, both sides having paid. If its price fell, both get
            the difference back; if it rose, the winner gets the less back, and who submits sends what
            both fees together lack. What was sent beyond that is credited.
    @dev Apart from `pay_fee`, so that a failing arbitrator keeps nobody from paying in time.
    @param agreement The whole agreement.
    @param index A disputed milestone.
    """
    deal_id: bytes32 = staticcall escrow.deal_id(agreement)
    case_id: uint256 = self._case_id(deal_id, index)
    case: IArbiterAdapter.Case = self.cases[case_id]
    if case.status < BOTH_PAID:
        errors.fail(errors.FEE_MISSING)
    if case.status != BOTH_PAID:
        errors.fail(errors.ALREADY_SUBMITTED)
    if (staticcall escrow.milestone(deal_id, index)).status != DISPUTED:
        errors.fail(errors.NOT_IN_DISPUTE)
    if block.timestamp >= case.ruling_ends:
        errors.fail(errors.RULING_OVER)
    cost: uint256 = staticcall arbitrator.arbitrationCost(extra_data)
    paid: uint256 = 2 * case.fee
    lacking: uint256 = 0
    saved: uint256 = 0  # by each side
    if cost > paid:
        lacking = cost - paid
        case.fee = 0
    elif cost > case.fee:
        case.fee = paid - cost
    else:
        saved = case.fee - cost
        case.fee = cost
    if msg.value < lacking:
        errors.fail(errors.FEE_TOO_SMALL)

    case.status = SUBMITTED
    self.cases[case_id] = case
    self._credit(agreement.freelancer, saved)
    self._credit(agreement.employer, saved)
    self._credit(msg.sender, msg.value - lacking)

    # Only the answer names the dispute; the lock keeps the arbitrator from ruling meanwhile.
    dispute_id: uint256 = extcall arbitrator.createDispute(CHOICES, extra_data, value=cost)
    self.disputes[dispute_id] = case_id
    log IEvidence.Dispute(
        _arbitrator=arbitrator.address,
        _disputeID=dispute_id,
        _metaEvidenceID=META_EVIDENCE_ID,
        _evidenceGroupID=case_id,
    )
    log IArbiterAdapter.Submitted(
        deal_id=deal_id,
        index=index,
        case_id=case_id,
        dispute_id=dispute_id,
        cost=cost,
        fee=case.fee,
    )


# --- Arbitration


@external
def submit_evidence(agreement: IMilestoneEscrow.Agreement, index: uint256, evidence: String[512]):
    """
    @notice A party shows the arbitrator something, from the first fee to the execution.
    @param agreement The whole agreement.
    @param index The milestone of an open case.
    @param evidence URI of ERC-1497 evidence.
    """
    if msg.sender != agreement.employer and msg.sender != agreement.freelancer:
        errors.fail(errors.NOT_PARTY)
    case_id: uint256 = self._case_id(staticcall escrow.deal_id(agreement), index)
    if self.cases[case_id].status == UNPAID:
        errors.fail(errors.NO_CASE)
    log IEvidence.Evidence(
        _arbitrator=arbitrator.address,
        _evidenceGroupID=case_id,
        _party=msg.sender,
        _evidence=evidence,
    )


@external
def rule(dispute_id: uint256, ruling: uint256):
    """
    @notice The arbitrator decides; anyone may `execute` it then. The call is short, since the arbitrator
            does not know the agreement.
    @param dispute_id The arbitrator's.
    @param ruling 0 refused, 1 all to the freelancer, 2 all to the employer.
    """
    if msg.sender != arbitrator.address:
        errors.fail(errors.NOT_ARBITRATOR)
    case_id: uint256 = self.disputes[dispute_id]
    if case_id == 0:
        errors.fail(errors.UNKNOWN_DISPUTE)
    if ruling > CHOICES:
        errors.fail(errors.BAD_RULING)
    self.disputes[dispute_id] = 0
    # Too late even for the fees, or executed without it: it is put on record and decides nothing.
    if self.cases[case_id].status == SUBMITTED:
        if block.timestamp < self.cases[case_id].ruling_ends + PATIENCE:
            self.cases[case_id].status = RULED
            self.cases[case_id].ruling = ruling
    log IArbitrable.Ruling(_arbitrator=arbitrator.address, _disputeID=dispute_id, _ruling=ruling)


@external
def execute(agreement: IMilestoneEscrow.Agreement, index: uint256):
    """
    @notice Anyone ends a case: the escrow splits the milestone, if it still waits for a ruling, and the
            fees that are left are credited.
    @dev The ways to end: ruled; one side did not pay; the escrow no longer waits and the arbitrator was
         not asked; the arbitrator did not rule, even for the fees.
    @param agreement The whole agreement.
    @param index The milestone of an open case.
    """
    deal_id: bytes32 = staticcall escrow.deal_id(agreement)
    case_id: uint256 = self._case_id(deal_id, index)
    case: IArbiterAdapter.Case = self.cases[case_id]
    if case.status == UNPAID:
        errors.fail(errors.NO_CASE)
    milestone: IMilestoneEscrow.MilestoneState = staticcall escrow.milestone(deal_id, index)
    awaited: bool = milestone.status == DISPUTED and block.timestamp < case.ruling_ends
    fees: uint256 = case.fee
    if case.status < BOTH_PAID:
        if awaited and block.timestamp < case.due:
            errors.fail(errors.FEE_OPEN)
        case.ruling = case.status
    elif case.status == BOTH_PAID:
        if awaited:
            errors.fail(errors.NOT_SUBMITTED)
        fees = 2 * case.fee
    elif case.status == SUBMITTED:
        if block.timestamp < case.ruling_ends + PATIENCE:
            errors.fail(errors.NOT_RULED)
    self.cases[case_id] = empty(IArbiterAdapter.Case)
    freelancer_fee: uint256 = self._freelancer_part(fees, case.ruling)
    self._credit(agreement.freelancer, freelancer_fee)
    self._credit(agreement.employer, fees - freelancer_fee)
    log IArbiterAdapter.Executed(
        deal_id=deal_id,
        index=index,
        case_id=case_id,
        ruling=case.ruling,
        ruled=awaited,
        freelancer_fee=freelancer_fee,
        employer_fee=fees - freelancer_fee,
    )
    if awaited:
        # Nothing partial moves in dispute, and there is no share: this is what the escrow splits.
        remaining: uint256 = agreement.milestones[index].amount - milestone.paid
        extcall Escrow(escrow.address).rule(
            agreement, index, self._freelancer_part(remaining, case.ruling)
        )


# --- Credits


@external
def withdraw_credit(to: address):
    """
    @notice Pays the caller's whole credit.
    @param to Anyone but zero and the adapter.
    """
    if to == empty(address) or to == self:
        errors.fail(errors.BAD_RECEIVER)
    amount: uint256 = self.credits[msg.sender]
    if amount == 0:
        errors.fail(errors.NO_CREDIT)
    self.credits[msg.sender] = 0
    log IArbiterAdapter.CreditPaid(owner=msg.sender, receiver=to, amount=amount)
    if not raw_call(to, b"", value=amount, revert_on_failure=False):
        errors.fail(errors.TRANSFER_FAILED)


# --- Views


@external
@view
def case_id(deal_id: bytes32, index: uint256) -> uint256:
    """
    @notice The id of a milestone's case, whether there is one or not.
    """
    return self._case_id(deal_id, index)


@external
@view
def case(case_id: uint256) -> IArbiterAdapter.Case:
    """
    @notice What is stored of a case; all zero before the first fee and after the execution.
    """
    return self.cases[case_id]


@external
@view
def credit(owner: address) -> uint256:
    """
    @notice What `owner` can withdraw, wei.
    """
    return self.credits[owner]


# --- Checks


@internal
@pure
def _check_share(arbiter_bps: uint256):
    """
    @dev A share would be credited to the adapter, which has no use for it: its agreements give none.
    """
    if arbiter_bps != 0:
        errors.fail(errors.ARBITER_SHARE)


# --- Effects


@internal
def _credit(owner: address, amount: uint256):
    if amount == 0:
        return
    total: uint256 = self.credits[owner] + amount
    self.credits[owner] = total
    log IArbiterAdapter.Credited(owner=owner, amount=amount, credit=total)


# --- Pure


@internal
@pure
def _case_id(deal_id: bytes32, index: uint256) -> uint256:
    return convert(keccak256(abi_encode(deal_id, index)), uint256)


@internal
@pure
def _freelancer_part(amount: uint256, ruling: uint256) -> uint256:
    """
    @dev All, nothing, or half; the odd unit goes to the employer.
    """
    if ruling == FREELANCER_WINS:
        return amount
    if ruling == EMPLOYER_WINS:
        return 0
    return amount // 2
