"""Deals with real documents on a chain of their own, and the people in them, signed in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from milestone_escrow import calls, notes
from milestone_escrow.agreement import ZERO_ADDRESS
from milestone_escrow.chain import start_anvil
from milestone_escrow.client import EscrowClient
from milestone_escrow.deployments import deploy
from milestone_escrow.document import AgreementDocument, Currency, DocumentMilestone
from milestone_escrow.signers import NodeSigner
from tests.bridge.serving import Served, serving
from tests.bridge.town import Town
from tests.bridge.wallets import Person, sign_in, stranger
from tests.nodes.stage import Stage

__all__ = ["Quarter", "document", "living"]

ORIGIN: Final = "https://app.example.org"


def document(title: str, parts: int = 3) -> AgreementDocument:
    """Return a document that was never used."""
    return AgreementDocument.create(
        title=title,
        scope="Five pages",
        milestones=[DocumentMilestone(f"Part {i}", "Files") for i in range(parts)],
        currency=Currency("ETH", 18),
    )


@dataclass
class Quarter:
    """What there is.

    Attributes:
        served: The bridge over it.
        town: The chain.
        bound: Document of a deal that employer and freelancer entered; it has an arbiter and payee.
        open: Document of a deal that names the freelancer, who did not enter it.
        employer: Party of both.
        freelancer: Party of both.
        arbiter: Of the bound deal; confirmed it.
        thief: Opened a deal with the bound one's document, naming its employer as the freelancer.
        nobody: Has no deal.
    """

    served: Served
    town: Town
    bound: AgreementDocument
    open: AgreementDocument
    employer: Person
    freelancer: Person
    arbiter: Person
    thief: Person
    nobody: Person

    def id_of(self, name: str) -> str:
        """Return a deal's id: bound, open or stolen."""
        return self.town.id_of(name)

    @property
    def payee(self) -> NodeSigner:
        """Who is paid in the bound deal."""
        return self.town.stage.deployer

    def put(self, person: Person, what: AgreementDocument) -> Any:
        """Keep a document."""
        return person.data(
            "PUT",
            "/v1/documents",
            data=what.canonical_bytes(),
            headers={"Content-Type": "application/json"},
        )


@contextmanager
def living(path: Path | str, **settings: Any) -> Iterator[Quarter]:
    """Make a chain and its index, and serve them.

    Args:
        path: Where the index is to be.
        settings: Of the bridge.
    """
    with start_anvil(0) as node:
        stage = Stage(node.rpc_url)
        beside = deploy(stage.w3, stage.deployer, "DealNotes", stage.escrow.address).address
        stage.escrow = EscrowClient(stage.w3, stage.escrow.address, beside)
        town = Town(stage, beside, {})
        bound, open_ = document("Bound"), document("Open")
        town.deals["bound"] = stage.bound(
            document=bound.hash(),
            arbiter=stage.stranger.address,
            arbiter_bps=500,
            payee=stage.deployer.address,
        )
        stage.run(notes.confirm_arbiter(town.deals["bound"]))
        town.deals["open"] = stage.agreement(document=open_.hash())
        stage.run(calls.fund(town.deals["open"], [0]))
        town.deals["stolen"] = stage.agreement(
            document=bound.hash(),
            employer=stage.platform.address,
            freelancer=stage.employer.address,
            platform=ZERO_ADDRESS,
            fee_bps=0,
        )
        stage.run(calls.fund(town.deals["stolen"], [0]))
        town.index(path)
        with serving(path, rpc=node.rpc_url, origins=(ORIGIN,), **settings) as served:
            signed = {
                role: sign_in(served, stage, signer)
                for role, signer in (
                    ("employer", stage.employer),
                    ("freelancer", stage.freelancer),
                    ("arbiter", stage.stranger),
                    ("thief", stage.platform),
                )
            }
            nobody = stranger(served)
            yield Quarter(served, town, bound, open_, nobody=nobody, **signed)
