"""Rules by which signatures are made that must count, or must not, whoever checks them.

Each rule says in a sentence what it makes, and whether that is a signature of ``signer`` over
``digest``. ``python -m tests.contract.signature_rules`` writes the table of what they make,
``signature_vectors.json``; a test makes it anew and compares.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from eth_account import Account
from eth_account.messages import encode_defunct
from eth_keys.datatypes import PrivateKey
from eth_utils.crypto import keccak

from milestone_escrow.agreement import ZERO_ADDRESS
from tests.contract.forgeries import ORDER, Parts, compact, parts_of

__all__ = ["TABLE", "Vector", "bit_flips", "forms", "lengths", "table", "vectors"]

TABLE: Final = Path(__file__).with_name("signature_vectors.json")

_FIELD: Final = 2**256 - 2**32 - 977  # of secp256k1: the x of a point is below it
_HALF: Final = ORDER // 2  # the largest s that counts
_MAX: Final = 2**256 - 1
_DIGEST: Final = keccak(text="a digest")
_OTHER: Final = keccak(text="another digest")
_KEY: Final = int.from_bytes(keccak(text="a key"))
_OTHER_KEY: Final = int.from_bytes(keccak(text="another key"))
_V: Final = (*range(27), *range(29, 40), 54, 55, 127, 128, 155, 156, 227, 228, 254, 255)


@dataclass(frozen=True, slots=True)
class Vector:
    """A signature, and whether it counts.

    Attributes:
        rule: The sentence that it follows from.
        signer: Who shall have signed, checksummed.
        digest: What shall have been signed, 32 bytes.
        signature: The bytes that are handed in.
        counts: Whether they are the signer's signature.
    """

    rule: str
    signer: str
    digest: bytes
    signature: bytes
    counts: bool


def vectors() -> list[Vector]:
    """Return the vectors of the table."""
    return [*_good(), *_chosen_numbers(), *_no_key(), *_other_messages(), *_of_forms()]


# --- What counts


def _good() -> Iterator[Vector]:
    edges = (0, 1, ORDER - 1, ORDER, ORDER + 1, _MAX)
    digests = [number.to_bytes(32) for number in edges] + [
        keccak(text=f"digest {number}") for number in range(20)
    ]
    for digest in digests:
        yield Vector("A key's own signature counts.", _address(_KEY), digest, _sign(digest), True)
    for key in (1, 2, _HALF, ORDER - 2, ORDER - 1):
        rule = "So does one of a key at the ends of its range."
        yield Vector(rule, _address(key), _DIGEST, _sign(_DIGEST, key), True)
    rule = "The zero address never signed anything."
    for digest in digests:
        yield Vector(rule, ZERO_ADDRESS, digest, _sign(digest), False)


def _chosen_numbers() -> Iterator[Vector]:
    """For any nonce k and any s there is a key whose signature has them: d = (s k - z) / r."""
    z = int.from_bytes(_DIGEST)
    for k in (1, 2, _HALF, _HALF + 1, ORDER - 1, 12_345):
        r, v = _point(k)
        for s in (1, 2, _HALF - 1, _HALF, _HALF + 1, ORDER - 2, ORDER - 1):
            signer = _address((s * k - z) * pow(r, -1, ORDER) % ORDER)
            rule = "The key that has this r and s signed, if s is in the lower half."
            signature = bytes(Parts(r, s, v))
            yield Vector(rule, signer, _DIGEST, signature, s <= _HALF)
            rule = "The other v is another key's."
            yield Vector(rule, signer, _DIGEST, bytes(Parts(r, s, 55 - v)), False)
            if s + ORDER <= _MAX:
                rule = "An s beyond the order is none, though it is the same modulo the order."
                yield Vector(rule, signer, _DIGEST, bytes(Parts(r, s + ORDER, v)), False)
            rule = "The twin of a signature with a low s does not count."
            yield Vector(rule, signer, _DIGEST, bytes(Parts(r, ORDER - s, 55 - v)), s > _HALF)


# --- What no key can have made


def _no_key() -> Iterator[Vector]:
    good = parts_of(_sign(_DIGEST))
    signers = (_address(_KEY), ZERO_ADDRESS)
    wrong = (0, ORDER, ORDER + 1, _FIELD - 1, _FIELD, _FIELD + 1, _MAX)
    for v in (27, 28):
        for signer in signers:
            for number in wrong:
                rule = "r is from 1 to the order less 1."
                yield Vector(rule, signer, _DIGEST, bytes(Parts(number, good.s, v)), False)
                rule = "s is from 1 to half the order."
                yield Vector(rule, signer, _DIGEST, bytes(Parts(good.r, number, v)), False)
            for number in (0, ORDER, _MAX):
                rule = "Both r and s out of range are no signature."
                yield Vector(rule, signer, _DIGEST, bytes(Parts(number, number, v)), False)
            for r in _no_points():
                rule = "r is the x of a point."
                yield Vector(rule, signer, _DIGEST, bytes(Parts(r, good.s, v)), False)
    for signer in signers:
        yield from _infinity(signer)


def _no_points() -> list[int]:
    """Return the first numbers that are no point's x: x^3 + 7 is no square there."""
    found = [x for x in range(1, 30) if pow(x**3 + 7, (_FIELD - 1) // 2, _FIELD) != 1]
    return found[:4]


def _infinity(signer: str) -> Iterator[Vector]:
    """With s = z / k the recovered key is the point at infinity, which is no key."""
    rule = "What recovers to the point at infinity is nobody's signature."
    for k in (1, 2, 3, 5, 12_345):
        r, v = _point(k)
        for digest in (_DIGEST, _OTHER):
            s = int.from_bytes(digest) * pow(k, -1, ORDER) % ORDER
            if s > _HALF:
                s, v = ORDER - s, 55 - v
            yield Vector(rule, signer, digest, bytes(Parts(r, s, v)), False)


# --- What was signed is something else, or by someone else


def _other_messages() -> Iterator[Vector]:
    signer = _address(_KEY)
    prefixed = bytes(Account.sign_message(encode_defunct(_DIGEST), _KEY.to_bytes(32)).signature)
    good, other = parts_of(_sign(_DIGEST)), parts_of(_sign(_OTHER))
    for rule, signature in (
        ("A signature of another key does not count.", _sign(_DIGEST, _OTHER_KEY)),
        ("A signature over another digest does not count.", _sign(_OTHER)),
        ("A signature over the hash of the digest does not count.", _sign(keccak(_DIGEST))),
        ("A signature over the digest as text (EIP-191) does not count.", prefixed),
        ("The r of one and the s of another are no signature.", Parts(good.r, other.s, good.v)),
        ("The s of one and the r of another are no signature.", Parts(other.r, good.s, good.v)),
        ("r and s in the other order are no signature.", Parts(good.s, good.r, good.v)),
    ):
        yield Vector(rule, signer, _DIGEST, bytes(signature), False)


# --- Other forms of a good signature


def forms(signature: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield other forms of a good signature, none of which counts, each with its rule."""
    good = parts_of(signature)
    r, s = signature[:32], signature[32:64]
    for v in _V:
        yield "v is 27 or 28.", bytes(Parts(good.r, good.s, v))
    yield "The other v is another key's.", bytes(Parts(good.r, good.s, 55 - good.v))
    yield "The high twin does not count.", bytes(Parts(good.r, ORDER - good.s, 55 - good.v))
    yield "The high s does not count with its old v.", bytes(Parts(good.r, ORDER - good.s, good.v))
    yield "The compact form (EIP-2098) does not count.", compact(good)
    yield "Nor does it with a byte more.", compact(good) + b"\0"
    yield "v is the last byte.", signature[64:] + r + s
    yield "r and s have their first byte first.", r[::-1] + s[::-1] + signature[64:]
    yield "Numbers are not words of a page.", good.v.to_bytes(32) + r + s
    yield "r, s and v as three words are no signature.", r + s + good.v.to_bytes(32)
    yield "DER is another form.", _der(good)
    yield "Hexadecimal text is not bytes.", signature.hex().encode()
    yield "Hexadecimal text is not bytes.", b"0x" + signature.hex().encode()
    yield "One signature is not two.", signature * 2
    yield "Zeros are no signature.", bytes(65)
    yield "Zeros with a v are no signature.", bytes(64) + signature[64:]
    yield "Ones are no signature.", b"\xff" * 65


def _of_forms() -> Iterator[Vector]:
    for key in (_KEY, _OTHER_KEY):
        for rule, signature in forms(_sign(_DIGEST, key)):
            yield Vector(rule, _address(key), _DIGEST, signature, False)


def _der(parts: Parts) -> bytes:
    numbers = b""
    for number in (parts.r, parts.s):
        data = number.to_bytes(33).lstrip(b"\0")
        data = b"\0" * (data[0] >> 7) + data
        numbers += bytes([2, len(data)]) + data
    return bytes([0x30, len(numbers)]) + numbers


# --- Rules with a vector for each bit or length, too many for the table


def lengths() -> Iterator[Vector]:
    """Yield a good signature, cut or followed by zeros, in each length up to 1,025 bytes."""
    rule = "A key's signature has 65 bytes."
    good = _sign(_DIGEST)
    for length in range(1_026):
        signature = good[:length].ljust(length, b"\0")
        yield Vector(rule, _address(_KEY), _DIGEST, signature, length == 65)


def bit_flips() -> Iterator[Vector]:
    """Yield a good signature with each bit of it, then of its digest, turned over."""
    good = _sign(_DIGEST)
    for bit in range(8 * len(good)):
        rule = "A signature with a bit turned over does not count."
        yield Vector(rule, _address(_KEY), _DIGEST, _flipped(good, bit), False)
    for bit in range(256):
        rule = "A signature does not count for a digest with a bit turned over."
        yield Vector(rule, _address(_KEY), _flipped(_DIGEST, bit), good, False)


def _flipped(data: bytes, bit: int) -> bytes:
    return (int.from_bytes(data) ^ 1 << bit).to_bytes(len(data))


# --- The table


def table(some: list[Vector]) -> str:
    """Return the vectors as JSON."""
    rows = [
        {**asdict(it), "digest": it.digest.hex(), "signature": it.signature.hex()} for it in some
    ]
    return "[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n"


def _sign(digest: bytes, key: int = _KEY) -> bytes:
    signature = PrivateKey(key.to_bytes(32)).sign_msg_hash(digest)
    return bytes(Parts(signature.r, signature.s, 27 + signature.v))


def _address(key: int) -> str:
    return str(PrivateKey(key.to_bytes(32)).public_key.to_checksum_address())


def _point(k: int) -> tuple[int, int]:
    """Return the x of k times the generator, and the v of a signature with this nonce."""
    point = PrivateKey(k.to_bytes(32)).public_key.to_bytes()
    return int.from_bytes(point[:32]), 27 + point[63] % 2


if __name__ == "__main__":
    TABLE.write_text(table(vectors()), encoding="utf-8")
