"""Messages with whatever their types hold, by seed: each number of milestones, extreme values."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random
from typing import Final

from milestone_escrow.agreement import MAX_AMOUNT, ZERO_ADDRESS, Agreement
from milestone_escrow.messages import Amendment, Domain, Message, Settlement, Voucher

__all__ = ["KINDS", "domain", "messages"]

_EXTREMES: Final = (0, 1, 2**53 - 1, 2**53, 2**64, MAX_AMOUNT, 2**255, 2**256 - 1)
_LENGTHS: Final = range(1, 11)
_LAST_CHAIN_ID: Final = 2**53 - 1


def messages(kind: str, seed: int, count: int) -> Iterator[Message]:
    """Yield messages of a kind; milestones come in each number from 1 to 10, equally often."""
    random = Random(f"{kind} {seed}")
    for number in range(count):
        yield KINDS[kind](random, _LENGTHS[number % len(_LENGTHS)])


def domain(random: Random) -> Domain:
    """Return any escrow on any chain."""
    chain_id = random.choice((1, 31_337, _LAST_CHAIN_ID, random.randint(1, _LAST_CHAIN_ID)))
    return Domain(chain_id, "0x" + random.randbytes(20).hex())


def _agreement(random: Random, length: int) -> Agreement:
    return Agreement.from_tuple(
        (
            *[_address(random) for _ in range(6)],
            *[_number(random) for _ in range(7)],
            _hash(random),
            _hash(random),
            [(_number(random), _number(random)) for _ in range(length)],
        )
    )


def _voucher(random: Random, length: int) -> Voucher:
    return Voucher(_hash(random), _number(random), _number(random), _number(random))


def _settlement(random: Random, length: int) -> Settlement:
    indexes, amounts = (tuple(_number(random) for _ in range(length)) for _ in range(2))
    return Settlement(_hash(random), indexes, amounts, _number(random), _number(random))


def _amendment(random: Random, length: int) -> Amendment:
    new = _agreement(random, length)
    indexes = tuple(_number(random) for _ in range(random.randrange(11)))
    return Amendment(_hash(random), new, indexes, _number(random), _number(random))


KINDS: Final[dict[str, Callable[[Random, int], Message]]] = {
    "agreements": _agreement,
    "vouchers": _voucher,
    "settlements": _settlement,
    "amendments": _amendment,
}
"""What makes each kind of message from chance and a number of milestones."""


def _number(random: Random) -> int:
    return random.choice(_EXTREMES) if random.random() < 0.3 else random.getrandbits(256)


def _address(random: Random) -> str:
    if random.random() < 0.1:
        return random.choice((ZERO_ADDRESS, "0x" + "ff" * 20, "0x" + "00" * 19 + "01"))
    return "0x" + random.randbytes(20).hex()


def _hash(random: Random) -> bytes:
    return (
        random.choice((bytes(32), b"\xff" * 32)) if random.random() < 0.1 else random.randbytes(32)
    )
