# pragma version ==0.4.3
"""
@title A party that makes many calls in one transaction
@license MIT
@notice For measurements on a development chain: anybody may use it, so it is for nothing else.
"""


struct Call:
    value: uint256
    data: Bytes[1600]


@deploy
@payable
def __init__():
    pass


@external
@payable
def run(target: address, calls: DynArray[Call, 100]):
    for call: Call in calls:
        raw_call(target, call.data, value=call.value)


@external
@payable
def __default__():
    pass
