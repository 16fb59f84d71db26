# pragma version ==0.4.3
"""
@title The custom errors of the escrow, and the one way to raise them
@license MIT
@notice The one home of the errors' names. Each constant is the selector of the error beside it, as a
        number: four bytes at each check instead of thirty-two. The build recomputes every one of them,
        refuses a wrong one, and puts the errors into the published ABI.
"""

# Who calls
NOT_EMPLOYER: constant(uint256) = 97191138  # NotEmployer()
NOT_FREELANCER: constant(uint256) = 1885630674  # NotFreelancer()
NOT_ARBITER: constant(uint256) = 3434505638  # NotArbiter()
NOT_PARTY: constant(uint256) = 3371052317  # NotParty()

# The deal
NOT_OPENED: constant(uint256) = 1832272010  # NotOpened()
ALREADY_OPENED: constant(uint256) = 497298214  # AlreadyOpened()
DEAL_CLOSED: constant(uint256) = 3381690357  # DealClosed()
ALREADY_BOUND: constant(uint256) = 1747619941  # AlreadyBound()
NOT_BOUND: constant(uint256) = 395589043  # NotBound()
NO_FREELANCER: constant(uint256) = 2737425871  # NoFreelancer()

# The agreement, checked when a deal is opened
BAD_PARTIES: constant(uint256) = 1670746361  # BadParties()
BAD_PLATFORM: constant(uint256) = 1270827226  # BadPlatform()
BAD_FEE: constant(uint256) = 2441026131  # BadFee()
BAD_ARBITER_FEE: constant(uint256) = 677634671  # BadArbiterFee()
BAD_REVIEW_PERIOD: constant(uint256) = 3993201617  # BadReviewPeriod()
BAD_RULING_PERIOD: constant(uint256) = 4128200472  # BadRulingPeriod()
BAD_FALLBACK: constant(uint256) = 2759873087  # BadFallback()
BAD_MILESTONES: constant(uint256) = 1501439781  # BadMilestones()
BAD_AMOUNT: constant(uint256) = 1956337977  # BadAmount()
BAD_DEADLINES: constant(uint256) = 33678692  # BadDeadlines()
BAD_PRICE: constant(uint256) = 4246659913  # BadPrice()
BAD_ACCEPT_BY: constant(uint256) = 4268912424  # BadAcceptBy()
BAD_SUPERSEDES: constant(uint256) = 1641460828  # BadSupersedes()

# An amendment
TERMS_DIFFER: constant(uint256) = 614496251  # TermsDiffer()

# Indexes
NO_INDEXES: constant(uint256) = 3953114969  # NoIndexes()
BAD_INDEX: constant(uint256) = 4013946030  # BadIndex()
REPEATED_INDEX: constant(uint256) = 2372833032  # RepeatedIndex()
BAD_LENGTHS: constant(uint256) = 4260616005  # BadLengths()

# The milestone
ALREADY_FUNDED: constant(uint256) = 1524589447  # AlreadyFunded()
NOT_FUNDED: constant(uint256) = 3589212602  # NotFunded()
ALREADY_SETTLED: constant(uint256) = 1443887360  # AlreadySettled()
REQUEST_OPEN: constant(uint256) = 981211883  # RequestOpen()
NO_REQUEST: constant(uint256) = 3489502124  # NoRequest()
IN_DISPUTE: constant(uint256) = 170961229  # InDispute()
NOT_IN_DISPUTE: constant(uint256) = 1239410435  # NotInDispute()

# Time
ACCEPT_BY_PASSED: constant(uint256) = 4091359414  # AcceptByPassed()
FINAL_DEADLINE_PASSED: constant(uint256) = 1522389552  # FinalDeadlinePassed()
DEADLINE_AHEAD: constant(uint256) = 1163353347  # DeadlineAhead()
REVIEW_OPEN: constant(uint256) = 3195061626  # ReviewOpen()
REVIEW_OVER: constant(uint256) = 1914401008  # ReviewOver()
RULING_OPEN: constant(uint256) = 4098044599  # RulingOpen()
RULING_OVER: constant(uint256) = 181944473  # RulingOver()
NOT_LAPSED: constant(uint256) = 2335032743  # NotLapsed()
LAPSED: constant(uint256) = 1050543275  # Lapsed()
NOTHING_TO_KEEP_ALIVE: constant(uint256) = 3896428142  # NothingToKeepAlive()
SIGNATURE_EXPIRED: constant(uint256) = 135904717  # SignatureExpired()

# Money
WRONG_VALUE: constant(uint256) = 2564067356  # WrongValue()
WRONG_TOKEN_AMOUNT: constant(uint256) = 2409487876  # WrongTokenAmount()
TRANSFER_FAILED: constant(uint256) = 2428038168  # TransferFailed()
ZERO_AMOUNT: constant(uint256) = 522854405  # ZeroAmount()
AMOUNT_TOO_LARGE: constant(uint256) = 103089153  # AmountTooLarge()
NOTHING_TO_PAY: constant(uint256) = 1298383442  # NothingToPay()
FUNDS_SHRINK: constant(uint256) = 1571303680  # FundsShrink()
NOT_ENOUGH_GAS: constant(uint256) = 3714228102  # NotEnoughGas()
NO_CREDIT: constant(uint256) = 828050964  # NoCredit()
BAD_RECEIVER: constant(uint256) = 3801106543  # BadReceiver()

# Signatures
BAD_SIGNATURE: constant(uint256) = 1557516851  # BadSignature()

# Notes
BAD_PERCENT: constant(uint256) = 1032520147  # BadPercent()
NOTHING_SETTLED: constant(uint256) = 341213172  # NothingSettled()
BAD_SCORE: constant(uint256) = 2627530553  # BadScore()

# The arbiter adapter
BAD_PERIODS: constant(uint256) = 3739114386  # BadPeriods()
ARBITER_SHARE: constant(uint256) = 3455548901  # ArbiterShare()
RULING_TOO_SHORT: constant(uint256) = 1360679096  # RulingTooShort()
FEE_TOO_SMALL: constant(uint256) = 2591736347  # FeeTooSmall()
ALREADY_PAID: constant(uint256) = 3607760432  # AlreadyPaid()
FEES_OVER: constant(uint256) = 405565245  # FeesOver()
FEE_OPEN: constant(uint256) = 2018076634  # FeeOpen()
FEE_MISSING: constant(uint256) = 1396221551  # FeeMissing()
NOT_SUBMITTED: constant(uint256) = 1149949731  # NotSubmitted()
ALREADY_SUBMITTED: constant(uint256) = 2680145289  # AlreadySubmitted()
NO_CASE: constant(uint256) = 1502526566  # NoCase()
NOT_ARBITRATOR: constant(uint256) = 1719633647  # NotArbitrator()
UNKNOWN_DISPUTE: constant(uint256) = 909130697  # UnknownDispute()
BAD_RULING: constant(uint256) = 3640717248  # BadRuling()
NOT_RULED: constant(uint256) = 2697311211  # NotRuled()


@internal
@pure
def fail(error: uint256):
    """
    @notice Reverts with the four bytes of a custom error.
    @param error One of the constants above.
    """
    raw_revert(slice(convert(error, bytes32), 28, 4))
