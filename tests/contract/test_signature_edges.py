"""ECDSA at the edges of its numbers: the contract takes what the library recovers, and no more."""

from __future__ import annotations

from itertools import product
from random import Random

import pytest
from eth_utils.crypto import keccak

from milestone_escrow.agreement import ZERO_ADDRESS
from milestone_escrow.exceptions import ContractRevert, SignatureError
from milestone_escrow.typed_data import recover
from tests.contract.forgeries import ORDER, Parts
from tests.evm import Chain, Contract, deploy
from tests.roles import STRANGER

FIELD = 2**256 - 2**32 - 977  # of secp256k1: x of a point is below it, r below the order
NUMBERS_R = (0, 1, 2, 3, ORDER // 2, ORDER - 1, ORDER, ORDER + 1, FIELD - 1, FIELD, 2**256 - 1)
NUMBERS_S = (0, 1, 2, ORDER // 2, ORDER // 2 + 1, ORDER - 1, ORDER, ORDER + 1, 2**256 - 1)
DIGESTS = tuple(number.to_bytes(32) for number in (0, 1, ORDER - 1, ORDER, ORDER + 1, 2**256 - 1))


@pytest.fixture(scope="module")
def checker() -> Contract:
    return deploy(Chain(), "mocks/SignatureChecker.vy")


def accepts(checker: Contract, signer: str, digest: bytes, signature: bytes) -> bool:
    data = checker.calldata("check", signer, digest, signature)
    try:
        checker.chain.read(checker.address, data)
    except ContractRevert as refused:
        assert refused.error == "BadSignature"
        return False
    return True


def signer_of(digest: bytes, signature: bytes) -> str | None:
    """Return whose signature it is as the library says, None where it is none."""
    try:
        return recover(digest, signature)
    except SignatureError:
        return None


@pytest.mark.parametrize("digest", DIGESTS, ids=lambda digest: digest[-4:].hex())
def test_abuse_27_whoever_can_have_made_a_signature_made_it(
    checker: Contract, digest: bytes
) -> None:
    signers = set()
    for r, s, v in product(NUMBERS_R, NUMBERS_S, (27, 28)):
        signature = bytes(Parts(r, s, v))
        signer = signer_of(digest, signature)
        assert accepts(checker, signer or STRANGER, digest, signature) is (signer is not None)
        assert not accepts(checker, ZERO_ADDRESS, digest, signature)
        if signer is not None:
            assert 0 < r < ORDER and 0 < s <= ORDER // 2
            assert not accepts(checker, STRANGER, digest, signature)
            signers.add(signer)
    assert len(signers) > 10


@pytest.mark.parametrize("v", [0, 1, 2, 3, 26, 29, 30, 31, 35, 36, 37, 38, 54, 55, 128, 155, 255])
def test_abuse_27_v_is_27_or_28(checker: Contract, v: int) -> None:
    digest = keccak(text="anything")
    for good in (27, 28):
        signature = bytes(Parts(3, 5, good))
        signer = signer_of(digest, signature)
        assert signer is not None and accepts(checker, signer, digest, signature)
        assert not accepts(checker, signer, digest, signature[:64] + bytes([v]))


@pytest.mark.parametrize("seed", range(3))
def test_abuse_27_of_two_twins_one_is_taken(checker: Contract, seed: int) -> None:
    random = Random(seed)
    taken = 0
    for _ in range(15):
        digest = random.randbytes(32)
        low = Parts(random.randrange(1, ORDER), random.randrange(1, ORDER // 2), 27)
        signer = signer_of(digest, bytes(low))
        if signer is None:
            continue  # no point has this x
        high = Parts(low.r, ORDER - low.s, 28)
        compact = low.r.to_bytes(32) + low.s.to_bytes(32)
        assert accepts(checker, signer, digest, bytes(low))
        assert not accepts(checker, signer, digest, bytes(high))
        assert not accepts(checker, signer, digest, compact)
        taken += 1
    assert taken
