"""What one party signs and another sends: vouchers, settlements, amendments."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

from milestone_escrow.agreement import DAY, Agreement
from milestone_escrow.calls import Permit
from milestone_escrow.messages import Amendment, Domain, Message, Settlement, Voucher
from milestone_escrow.typed_data import digest, sign
from tests.contract.scene import Scene
from tests.escrow import Outcome
from tests.evm import GAS
from tests.roles import ACCOUNTS, STRANGER

__all__ = [
    "NO_PERMIT",
    "TERM",
    "amend",
    "amendment",
    "digest_of",
    "other_party",
    "redeem",
    "settle",
    "settlement",
    "signed",
    "successor",
    "voucher",
]

TERM: Final = DAY  # seconds until what is signed here expires
NO_PERMIT: Final = Permit(2**256 - 1, 27, bytes(32), bytes(32))
"""A permit that nobody signed: it makes an allowance do."""


@lru_cache(maxsize=1 << 12)
def signed(message: Message, domain: Domain, who: str) -> bytes:
    """Return an account's signature over a message."""
    return sign(message, domain, ACCOUNTS[who])


def digest_of(scene: Scene, message: Message) -> bytes:
    """Return what a wallet approves that signs a message."""
    return digest(message, scene.escrow.domain)


# --- The messages, as of now


def voucher(scene: Scene, agreement: Agreement, index: int, paid_total: int) -> Voucher:
    """Return the message that the employer signs to pay ``paid_total`` in all."""
    return Voucher(scene.escrow.id_of(agreement), index, paid_total, scene.chain.now + TERM)


def settlement(
    scene: Scene, agreement: Agreement, indexes: Sequence[int], amounts: Sequence[int]
) -> Settlement:
    """Return the message that a party signs to split what the milestones hold."""
    remaining = sum(
        scene.escrow.remaining(agreement, index)
        for index in set(indexes)
        if index < len(agreement.milestones)
    )
    return Settlement(
        scene.escrow.id_of(agreement),
        tuple(indexes),
        tuple(amounts),
        remaining,
        scene.chain.now + TERM,
    )


def amendment(scene: Scene, old: Agreement, new: Agreement, indexes: Sequence[int]) -> Amendment:
    """Return the message that the bound freelancer signs to go on under ``new``."""
    escrow = scene.escrow
    return Amendment(
        escrow.id_of(old), new, tuple(indexes), escrow.held(old), scene.chain.now + TERM
    )


def successor(scene: Scene, old: Agreement, **changes: Any) -> Agreement:
    """Return an agreement that supersedes ``old``, sound now, its parties but for ``changes``."""
    kept = ("employer", "freelancer", "payee", "arbiter", "token", "platform", "fee_bps")
    terms = {name: getattr(old, name) for name in kept}
    return scene.agreement(**terms | {"supersedes": scene.escrow.id_of(old)} | changes)


# --- The calls, with what they need signed


def redeem(
    scene: Scene,
    agreement: Agreement,
    index: int,
    paid_total: int,
    *,
    sender: str = STRANGER,
    gas: int = GAS,
) -> Outcome:
    """Redeem a voucher that the employer signs now."""
    message = voucher(scene, agreement, index, paid_total)
    signature = signed(message, scene.escrow.domain, agreement.employer)
    return scene.escrow.redeem(
        agreement, index, paid_total, message.expiry, signature, sender=sender, gas=gas
    )


def other_party(agreement: Agreement, sender: str) -> str:
    """Return who must have signed what ``sender`` sends; the employer for who is no party."""
    return agreement.freelancer if sender == agreement.employer else agreement.employer


def settle(
    scene: Scene,
    agreement: Agreement,
    indexes: Sequence[int],
    amounts: Sequence[int],
    *,
    sender: str | None = None,
    gas: int = GAS,
) -> Outcome:
    """Settle as ``sender``, by default the employer, and the other party agree now."""
    sender = sender or agreement.employer
    message = settlement(scene, agreement, indexes, amounts)
    signature = signed(message, scene.escrow.domain, other_party(agreement, sender))
    return scene.escrow.settle(
        agreement, indexes, amounts, message.expiry, signature, sender=sender, gas=gas
    )


def amend(
    scene: Scene,
    old: Agreement,
    new: Agreement,
    indexes: Sequence[int],
    *,
    sender: str | None = None,
    value: int | None = None,
) -> Outcome:
    """Amend as the bound freelancer agrees now; without one, nobody signs."""
    message = amendment(scene, old, new, indexes)
    signature = b""
    if scene.escrow.deal(old).bound:
        signature = signed(message, scene.escrow.domain, old.freelancer)
    return scene.escrow.amend(
        old, new, indexes, message.expiry, signature, sender=sender, value=value
    )
