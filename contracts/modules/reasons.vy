# pragma version ==0.4.3
"""
@title Why money left a milestone: the `reason` of `Released` and `Refunded`
@license MIT
"""

EMPLOYER: constant(uint256) = 1  # released by the employer
VOUCHER: constant(uint256) = 2  # released by the employer's voucher
OVERDUE: constant(uint256) = 3  # released because the review period ended
RULING: constant(uint256) = 4  # split by the arbiter
FALLBACK: constant(uint256) = 5  # split because nobody ruled in time
SETTLEMENT: constant(uint256) = 6  # split by both parties
CANCEL: constant(uint256) = 7  # refunded by the freelancer
WITHDRAW: constant(uint256) = 8  # taken back by the employer, nobody being bound
DORMANT: constant(uint256) = 9  # refunded because the deal lapsed
