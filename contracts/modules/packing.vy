# pragma version ==0.4.3
"""
@title The two storage words and their bits
@license MIT
@notice Deal word, one for each deal

        | bits    | field         | meaning                                                        |
        | ------- | ------------- | -------------------------------------------------------------- |
        | 0       | opened        | set by the first funding, never cleared                        |
        | 1       | closed        | replaced by another deal, never cleared                        |
        | 2       | bound         | the freelancer has signed or accepted, never cleared           |
        | 16..25  | settled       | a bit a milestone: settled, never cleared; implies funded      |
        | 32..41  | tracked       | a bit a milestone: has a milestone word; implies not settled   |
        | 48..111 | last_activity | unix seconds; zero: no activity after the final deadline       |
        | 112..121| funded        | a bit a milestone: funded; cleared only by `withdraw`          |

        Funded stands on top, so that shifting the word by any index that is no milestone's finds no
        funded bit.

        Milestone word, one for each milestone that needs it; zero as soon as the milestone is settled

        | bits     | field | meaning                                                            |
        | -------- | ----- | ------------------------------------------------------------------ |
        | 0..127   | paid  | gross paid so far, raw units, less than the milestone's amount     |
        | 128..129 | phase | 0 funded, 1 requested, 2 disputed                                  |
        | 136..199 | since | unix seconds of the open request or dispute; zero when neither     |
"""

# Deal word
OPENED: constant(uint256) = 1
CLOSED: constant(uint256) = 1 << 1
LIFE_MASK: constant(uint256) = 3  # OPENED alone: the deal is open
BOUND: constant(uint256) = 1 << 2
SETTLED: constant(uint256) = 1 << 16  # of milestone 0; shift it by the index
TRACKED: constant(uint256) = 1 << 32  # of milestone 0
FUNDED: constant(uint256) = 1 << 112  # of milestone 0
HELD_MASK: constant(uint256) = FUNDED | SETTLED  # FUNDED alone: the milestone holds money
STATE_MASK: constant(uint256) = HELD_MASK | TRACKED  # FUNDED alone: it holds all of its money
SETTLED_AT: constant(uint256) = 16
FUNDED_AT: constant(uint256) = 112
BITS: constant(uint256) = 2**10 - 1  # of one mask
ACTIVITY_AT: constant(uint256) = 48
ACTIVITY_MASK: constant(uint256) = (2**64 - 1) << 48

# Milestone word
PAID_MASK: constant(uint256) = 2**128 - 1
PHASE_AT: constant(uint256) = 128
PHASE_MASK: constant(uint256) = 3 << 128
SINCE_AT: constant(uint256) = 136
FUNDED_PHASE: constant(uint256) = 0
REQUESTED: constant(uint256) = 1 << 128
DISPUTED: constant(uint256) = 2 << 128


@internal
@pure
def settled(deal: uint256, index: uint256) -> uint256:
    """
    @notice The deal word with a milestone settled.
    """
    return (deal | (SETTLED << index)) & ~(TRACKED << index)


@internal
@pure
def closed(deal: uint256) -> uint256:
    """
    @notice The deal word closed, with all that was funded settled.
    """
    funded: uint256 = deal >> FUNDED_AT
    return (deal | CLOSED | (funded << SETTLED_AT)) & ~(BITS << 32)


@internal
@pure
def milestone(paid: uint256, phase: uint256, since: uint256) -> uint256:
    """
    @notice A milestone word.
    @param paid Raw units, at most 128 bits.
    @param phase FUNDED_PHASE, REQUESTED or DISPUTED.
    @param since Unix seconds.
    """
    return paid | phase | (since << SINCE_AT)
