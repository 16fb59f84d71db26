# pragma version ==0.4.3
"""
@title Signatures of keys, of contracts, and of keys with code
@license MIT
@notice Stateless. ECDSA first, then ERC-1271 where the signer has code: that serves plain accounts,
        contract wallets and EIP-7702 accounts without asking which one it is, and an account that
        delegates never locks its own key out.
"""

from . import errors

MAX_LENGTH: constant(uint256) = 1_024  # bytes; a multi-signature of a dozen owners
ERC1271_MAGIC: constant(bytes32) = (
    0x1626ba7e00000000000000000000000000000000000000000000000000000000
)
# Half the order of secp256k1: of the two twins (s, n - s) only the lower one is taken.
MAX_S: constant(
    uint256
) = 57896044618658097711785492504343953926418782139537452191302581570759080747168


@internal
@view
def check(signer: address, digest: bytes32, signature: Bytes[MAX_LENGTH]):
    """
    @notice Reverts unless `signer` signed `digest`.
    @param signer Zero never signed anything.
    @param signature r, s, v of an ECDSA signature (65 bytes), or whatever the signer's code takes.
    """
    if len(signature) == 65:
        s: uint256 = extract32(signature, 32, output_type=uint256)
        if s <= MAX_S:
            # `ecrecover` answers zero for a v other than 27 and 28, and for any fault.
            recovered: address = ecrecover(
                digest,
                extract32(signature, 33, output_type=uint256) & 255,
                extract32(signature, 0, output_type=uint256),
                s,
            )
            if recovered == signer:
                if recovered != empty(address):
                    return
    if signer.is_contract:
        success: bool = False
        answer: Bytes[32] = b""
        success, answer = raw_call(
            signer,
            abi_encode(digest, signature, method_id=method_id("isValidSignature(bytes32,bytes)")),
            max_outsize=32,
            is_static_call=True,
            revert_on_failure=False,
        )
        if success and len(answer) == 32 and convert(answer, bytes32) == ERC1271_MAGIC:
            return
    errors.fail(errors.BAD_SIGNATURE)
