"""The real contract in an in-process EVM: what the library's own rules and hashes are held to."""

from __future__ import annotations

from milestone_escrow.agreement import ZERO_ADDRESS, Agreement
from milestone_escrow.exceptions import ContractRevert
from tests.escrow import Escrow
from tests.evm import CHAIN_ID, Chain

__all__ = ["CHAIN_ID", "EscrowInEvm"]


class EscrowInEvm:
    """One escrow, newly deployed; every call is undone, so that calls do not see each other."""

    def __init__(self) -> None:
        self._chain = Chain()
        self._escrow = Escrow(self._chain)
        self.address = self._escrow.address

    def deal_id(self, agreement: Agreement) -> bytes:
        """Return what the contract calls the deal."""
        return bytes(self._escrow.contract.read("deal_id", agreement))

    def refusal(self, agreement: Agreement, now: int, signature: bytes = b"") -> str | None:
        """Return the custom error of the employer's first funding at ``now``, None if it goes."""
        native = agreement.token == ZERO_ADDRESS and agreement.milestones
        value = agreement.milestones[0].amount if native else 0
        self._chain.now = now
        self._chain.set_balance(agreement.employer, value)
        try:
            with self._chain.undone():
                self._escrow.fund(agreement, (0,), signature, value=value)
        except ContractRevert as refused:
            return refused.error
        return None
