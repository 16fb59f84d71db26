"""Each call with the best arguments that its sender could give, made in the EVM."""

from __future__ import annotations

from typing import Any, Final

from milestone_escrow.abi_values import ZERO_HASH
from milestone_escrow.agreement import DAY, Agreement
from milestone_escrow.calls import Permit
from milestone_escrow.deal_state import Deal
from milestone_escrow.exceptions import ContractRevert
from milestone_escrow.messages import Amendment, Message, Settlement, Voucher
from milestone_escrow.typed_data import sign
from tests.contract.scene import Scene
from tests.notes import Notes
from tests.roles import ACCOUNTS

__all__ = ["DONE", "BestCalls"]

DONE: Final = "done"
_NO_PERMIT: Final = Permit(0, 27, ZERO_HASH, ZERO_HASH)  # the allowance does


class BestCalls:
    """Makes calls in a scene."""

    def __init__(self, scene: Scene, notes: Notes) -> None:
        self.scene = scene
        self.notes = notes

    def attempt(self, call: str, deal: Deal, who: str, index: int, owner: str = "") -> str:
        """Make a call and undo it; return the error's name or ``DONE``."""
        escrow = self.scene.escrow
        with escrow.undone():
            return self.make(call, deal, who, index, owner)

    def make(self, call: str, deal: Deal, who: str, index: int, owner: str = "") -> str:
        """Make a call; return the error's name or ``DONE``."""
        try:
            getattr(self, f"_{call}", self._plain)(call, deal, who, index, owner)
        except ContractRevert as refused:
            return refused.error
        return DONE

    def _signed(self, message: Message, signer: str) -> bytes:
        if signer not in ACCOUNTS:
            return b"\x01" * 65
        return sign(message, self.scene.escrow.domain, ACCOUNTS[signer])

    def _plain(self, call: str, deal: Deal, who: str, index: int, owner: str) -> None:
        arguments: dict[str, tuple[Any, ...]] = {
            "request_release": ([index], ZERO_HASH),
            "release_part": (index, 1),
            "dispute": (index, ZERO_HASH),
            "rule": (index, 0),
            "apply_fallback": (index,),
            "keep_alive": (),
        }
        rest = arguments.get(call, ([index],))
        self.scene.escrow.send(call, deal.agreement, *rest, sender=who)

    def _fund(self, call: str, deal: Deal, who: str, index: int, owner: str) -> None:
        self.scene.escrow.fund(deal.agreement, [index], sender=who)

    def _fund_with_permit(self, call: str, deal: Deal, who: str, index: int, owner: str) -> None:
        self.scene.escrow.fund_with_permit(deal.agreement, [index], _NO_PERMIT, sender=who)

    def _amend(self, call: str, deal: Deal, who: str, index: int, owner: str) -> None:
        new = self.successor(deal)
        expiry = self.scene.chain.now + 1
        moved = deal.remaining
        signature = b""
        if deal.bound:
            message = Amendment(deal.deal_id, new, (0,), moved, expiry)
            signature = self._signed(message, new.freelancer)
        self.scene.escrow.amend(deal.agreement, new, [0], expiry, signature, sender=who)

    def successor(self, deal: Deal) -> Agreement:
        """Return an agreement that supersedes a deal, and may do so now."""
        old, now = deal.agreement, self.scene.chain.now
        return Agreement.build(
            employer=old.employer,
            freelancer=old.freelancer,
            arbiter=old.arbiter,
            platform=old.platform,
            token=old.token,
            fee_bps=old.fee_bps,
            accept_by=now + DAY,
            document=deal.deal_id,
            supersedes=deal.deal_id,
            milestones=[(max(deal.remaining, 1), now + 9 * DAY), (7, now + 10 * DAY)],
        )

    def _redeem(self, call: str, deal: Deal, who: str, index: int, owner: str) -> None:
        total = deal.milestones[index].amount
        expiry = self.scene.chain.now + 1
        voucher = Voucher(deal.deal_id, index, total, expiry)
        signature = self._signed(voucher, deal.employer)
        self.scene.escrow.redeem(deal.agreement, index, total, expiry, signature, sender=who)

    def _settle(self, call: str, deal: Deal, who: str, index: int, owner: str) -> None:
        expiry = self.scene.chain.now + 1
        remaining = deal.milestones[index].remaining
        split = Settlement(deal.deal_id, (index,), (0,), remaining, expiry)
        other = deal.employer if who == deal.freelancer else deal.freelancer
        signature = self._signed(split, other)
        self.scene.escrow.settle(deal.agreement, [index], [0], expiry, signature, sender=who)

    def _withdraw_credit(self, call: str, deal: Deal, who: str, index: int, owner: str) -> None:
        self.scene.escrow.withdraw_credit(deal.token, who, sender=who)

    def _pay_credit(self, call: str, deal: Deal, who: str, index: int, owner: str) -> None:
        self.scene.escrow.pay_credit(deal.token, owner, sender=who)

    # --- Notes

    def _note(self, call: str, deal: Deal, who: str, index: int, owner: str) -> None:
        arguments: dict[str, tuple[Any, ...]] = {
            "request_funding": ([index],),
            "report": (index, 50, ZERO_HASH),
            "request_changes": (index, ZERO_HASH),
            "request_cancel": (ZERO_HASH,),
            "confirm_arbiter": (),
            "submit_evidence": (index, ZERO_HASH),
            "rate": (5, ZERO_HASH),
        }
        self.notes.send(call, deal.agreement, *arguments[call], sender=who)

    _request_funding = _report = _request_changes = _request_cancel = _note
    _confirm_arbiter = _submit_evidence = _rate = _note
