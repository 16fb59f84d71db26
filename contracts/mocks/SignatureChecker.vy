# pragma version ==0.4.3
# pragma evm-version cancun
# pragma optimize gas
"""
@title The check of a signature by itself
@license MIT
@notice For tests: any digest, where the escrow has only those of its messages.
"""

from ..modules import signatures


@external
@view
def check(signer: address, digest: bytes32, signature: Bytes[signatures.MAX_LENGTH]):
    signatures.check(signer, digest, signature)
