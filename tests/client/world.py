"""What the tests of the TypeScript client act on: Anvil, the contracts, and a bridge over them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from frontend_bridge.api.following import Chain
from frontend_bridge.api.settings import Limits
from milestone_escrow.chain import start_anvil
from milestone_escrow.deployments import deploy
from milestone_escrow.document import AgreementDocument, Currency, DocumentMilestone
from tests.bridge.serving import serving
from tests.nodes.stage import Stage

__all__ = ["DOCUMENT", "world"]

_MUCH: Final = 10**30
_LIVELY: Final = Limits(rate=0, heartbeat=0.1)

DOCUMENT: Final = AgreementDocument.create(
    title="Ein Laden im Netz \u2013 \N{SNOWMAN} \N{GRINNING FACE}",
    scope='Zeilen\nund\tTabs, "Anführungszeichen" \\ und /',
    milestones=[DocumentMilestone("Entwurf", "Zwei Fassungen", "\N{GREEK SMALL LETTER ALPHA}")],
    currency=Currency("TUSD", 6),
    nonce=bytes(range(32)),
)
"""A document whose canonical form takes some care."""


@contextmanager
def world(folder: Path) -> Iterator[dict[str, Any]]:
    """Start all of it, and yield what ``test/world.ts`` is told."""
    with start_anvil(0) as node:
        stage = Stage(node.rpc_url)
        notes = deploy(stage.w3, stage.deployer, "DealNotes", stage.escrow.address).address
        owner = stage.employer.address
        tokens = {}
        # No allowance was given for these: the client has to see to it.
        for contract in ("TestToken", "PermitToken"):
            tokens[contract] = deploy(
                stage.w3, stage.deployer, contract, contract, "TOK", 6
            ).address
            stage.invoke(contract, tokens[contract], stage.employer, "mint", owner, _MUCH)
        chain = Chain(
            (node.rpc_url,),
            stage.escrow.address,
            stage.deployment.block_number,
            notes,
            interval=0.05,
        )
        store = folder / "index.sqlite"
        with serving(store, chain=chain, rpc=node.rpc_url, limits=_LIVELY) as served:
            yield {
                "rpc": node.rpc_url,
                "bridge": served.url,
                "origin": served.bridge.settings.public_url,
                "chainId": stage.escrow.chain_id,
                "escrow": stage.escrow.address,
                "notes": notes,
                "token": tokens["TestToken"],
                "permitToken": tokens["PermitToken"],
                "document": {
                    "json": json.loads(DOCUMENT.canonical_bytes()),
                    "hash": "0x" + DOCUMENT.hash().hex(),
                },
            }
