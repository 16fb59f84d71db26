"""Deals on Anvil in many states, made by the real contracts: what the bridge is asked about."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from milestone_escrow import calls, notes
from milestone_escrow.agreement import DAY, ZERO_ADDRESS, Agreement
from milestone_escrow.client import EscrowClient
from milestone_escrow.deployments import deploy
from milestone_escrow.indexer import Indexer
from tests.nodes.stage import Stage

__all__ = ["LARGE", "Town"]

_UNTIL_FINAL: Final = 70  # blocks, on Anvil

LARGE: Final = 2**127 + 1
"""Raw units of a milestone: more than any JSON number holds."""


@dataclass
class Town:
    """What there is.

    Attributes:
        stage: The chain, the escrow, and who acts.
        notes: Address of the notes.
        deals: By what became of them.
    """

    stage: Stage
    notes: str
    deals: dict[str, Agreement]

    @classmethod
    def built(cls, rpc_url: str) -> Town:
        """Return a town on a chain that is new."""
        stage = Stage(rpc_url)
        beside = deploy(stage.w3, stage.deployer, "DealNotes", stage.escrow.address).address
        stage.escrow = EscrowClient(stage.w3, stage.escrow.address, beside)
        town = cls(stage, beside, {})
        town._live()
        return town

    def id_of(self, name: str) -> str:
        """Return a deal's id as the API writes it."""
        return "0x" + self.stage.escrow.deal_id(self.deals[name]).hex()

    def index(self, store: Path | str) -> None:
        """Bring an index level with the chain."""
        with self.indexer(store) as indexer:
            indexer.run_once()

    def indexer(self, store: Path | str) -> Indexer:
        """Return an indexer of this escrow."""
        stage = self.stage
        return Indexer(
            stage.chain.rpc_url,
            store,
            stage.escrow.address,
            stage.deployment.block_number,
            notes=self.notes,
        )

    def _live(self) -> None:
        stage, run, deals = self.stage, self.stage.run, self.deals
        arbiter = stage.stranger.address
        deals["open"] = stage.agreement()
        run(calls.fund(deals["open"], [0, 1]))
        deals["job"] = stage.agreement(freelancer=ZERO_ADDRESS, arbiter=arbiter)
        run(calls.fund(deals["job"], [0]))
        deals["withdrawn"] = stage.agreement()
        run(calls.fund(deals["withdrawn"], [0, 1]))
        run(calls.withdraw(deals["withdrawn"], [0]))
        deals["native"] = stage.bound(arbiter=arbiter, arbiter_bps=500)
        run(calls.request_release(deals["native"], [0], b"\x11" * 32))
        run(calls.release_part(deals["native"], 0, 1_003))
        run(calls.cancel(deals["native"], [2]))
        run(notes.report(deals["native"], 1, 40, b"\x22" * 32))
        run(notes.confirm_arbiter(deals["native"]))
        deals["token"] = stage.bound(token=stage.token)
        run(calls.release(deals["token"], [0]))
        run(notes.rate(deals["token"], 5, stage.employer.address))
        deals["disputed"] = stage.bound(arbiter=arbiter, arbiter_bps=1_000)
        run(calls.request_release(deals["disputed"], [0, 1]))
        for index in (0, 1):
            run(calls.dispute(deals["disputed"], index, stage.employer.address, b"\x33" * 32))
        run(calls.rule(deals["disputed"], 0, 300_001))
        deals["old"] = stage.bound()
        stage.run(calls.release(deals["old"], [0]))
        now = stage.chain.time()
        stage.invoke(
            "TestToken", stage.token, stage.employer, "mint", stage.employer.address, 2**200
        )
        deals["large"] = stage.agreement(
            token=stage.token, milestones=[(LARGE, now + 100 * DAY), (LARGE, now + 110 * DAY)]
        )
        stage.invoke(
            "TestToken", stage.token, stage.employer, "approve", stage.escrow.address, 2**255
        )
        run(calls.fund(deals["large"], [0, 1], stage.signed(deals["large"])))
        run(calls.release(deals["large"], [0]))
        stage.chain.mine(_UNTIL_FINAL)
        deals["fresh"] = stage.bound()
